import type { KconfigVariable } from './kconfig-variable'
import { PlanError } from './plan-error'

/** `enum libbpf_tristate`. */
const tristate: Readonly<Record<string, bigint>> = { n: 0n, y: 1n, m: 2n }

/**
 * Writes an option's value, as .config has it, into the variable: `y`, `m`, `n`, `"text"`, `17`, `0x1000`.
 * Text that is too long is cut, which is what the returned warning says.
 *
 * @throws PlanError, if the variable cannot hold such a value.
 */
export function writeOption(variable: KconfigVariable, text: string, into: Uint8Array, littleEndian: boolean): string | undefined {
  const first = text.charAt(0)
  if (first === '"') return writeString(variable, text, into)
  const letter = tristate[first]
  if (letter === undefined) writeNumber(variable, parseInteger(variable, text), into, littleEndian, ['int', 'char'])
  else writeLetter(variable, first, letter, into, littleEndian)
  return undefined
}

/** Writes a value that is a number by nature, such as the kernel's version. @throws PlanError */
export function writeVirtualOption(variable: KconfigVariable, value: bigint, into: Uint8Array, littleEndian: boolean): void {
  writeNumber(variable, value, into, littleEndian, ['int', 'char', 'bool'])
}

function writeLetter(variable: KconfigVariable, letter: string, value: bigint, into: Uint8Array, littleEndian: boolean): void {
  if (variable.type === 'char') writeInteger(variable, BigInt(letter.charCodeAt(0)), into, littleEndian)
  else if (variable.type === 'tristate') writeInteger(variable, value, into, littleEndian)
  else if (variable.type !== 'bool') throw mismatch(variable, letter, 'bool, char or enum libbpf_tristate')
  else if (letter === 'm') throw mismatch(variable, letter, 'char or enum libbpf_tristate')
  else writeInteger(variable, value, into, littleEndian)
}

function writeString(variable: KconfigVariable, text: string, into: Uint8Array): string | undefined {
  if (variable.type !== 'string') throw mismatch(variable, text, 'an array of char')
  if (text.length < 2 || !text.endsWith('"')) throw mismatch(variable, text, 'a quoted string')
  const bytes = new TextEncoder().encode(text.slice(1, -1))
  const kept = bytes.subarray(0, variable.size - 1)
  into.fill(0, variable.offset, variable.offset + variable.size)
  into.set(kept, variable.offset)
  if (kept.length === bytes.length) return undefined
  return `extern "${variable.name}": its value of ${bytes.length} bytes was cut to ${kept.length}`
}

function writeNumber(
  variable: KconfigVariable,
  value: bigint,
  into: Uint8Array,
  littleEndian: boolean,
  types: readonly KconfigVariable['type'][],
): void {
  if (!types.includes(variable.type)) throw mismatch(variable, String(value), 'an integer')
  if (!inRange(variable, value))
    throw mismatch(variable, String(value), `more than ${variable.size} ${variable.signed ? 'signed' : 'unsigned'} bytes`)
  writeInteger(variable, value, into, littleEndian)
}

/** `value` is a u64; a negative number arrives as its two's complement. */
function inRange({ type, size, signed }: KconfigVariable, value: bigint): boolean {
  if (type === 'bool') return value <= 1n
  const bits = size * 8
  return bits === 64 || (signed ? BigInt.asIntN(bits, value) === BigInt.asIntN(64, value) : BigInt.asUintN(bits, value) === value)
}

function writeInteger({ offset, size }: KconfigVariable, value: bigint, into: Uint8Array, littleEndian: boolean): void {
  for (let index = 0; index < size; index++) {
    into[offset + (littleEndian ? index : size - 1 - index)] = Number((value >> BigInt(8 * index)) & 0xffn)
  }
}

/** Decimal, hexadecimal or octal, with a sign, as `strtoull` reads it. */
function parseInteger(variable: KconfigVariable, text: string): bigint {
  const [, sign, digits = ''] = /^([+-]?)(0x[0-9a-f]+|0[0-7]*|[1-9][0-9]*)$/i.exec(text) ?? []
  const value = digits === '' ? undefined : BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits)
  if (value === undefined || value > 0xffff_ffff_ffff_ffffn) throw mismatch(variable, text, 'a number, a quoted string, y, m or n')
  return BigInt.asUintN(64, sign === '-' ? -value : value)
}

function mismatch({ name, type }: KconfigVariable, value: string, wanted: string): PlanError {
  return new PlanError('ERR_BPF_PLAN_KCONFIG', `extern "${name}" is a ${type}, but the kernel's value ${value} needs ${wanted}`)
}
