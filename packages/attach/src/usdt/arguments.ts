import { BpfError } from '@bpf/bytes'
import type { ArchName } from '@bpf/sys'
import { registerOffset } from './registers'

/** Where a probe's argument is when the probe is hit. Register offsets are bytes into the context. */
export type ArgumentPlace =
  | { readonly kind: 'constant'; readonly value: bigint }
  | { readonly kind: 'register'; readonly register: number }
  /** In user memory, at the register's value + `offset`. */
  | { readonly kind: 'memory'; readonly register: number; readonly offset: bigint }
  /** In user memory, at the register's value + (the index register's << `shift`) + `offset`. */
  | { readonly kind: 'indexed'; readonly register: number; readonly index: number; readonly shift: number; readonly offset: bigint }

export interface UsdtArgument {
  /** Bytes: 1, 2, 4 or 8. */
  readonly size: number
  readonly signed: boolean
  readonly place: ArgumentPlace
}

export interface ArgumentOptions {
  readonly arch: ArchName
  /** Distance in bytes from the probe to a variable of the binary, for `4@counter(%rip)`; undefined if there is none of that name. */
  readonly distanceTo?: (symbol: string) => bigint | undefined
}

/**
 * The arguments of a USDT probe, from the assembler operands in its note: `-4@%edi 8@-16(%rbp) 4@$7` on x86-64,
 * `-4@w0 8@[sp, 16] 4@7` on arm64. Before the `@` is the size in bytes, negative for signed ones.
 *
 * @throws UsdtArgumentError for operands that the kernel's context does not hold, such as vector registers
 */
export function parseUsdtArguments(text: string, options: ArgumentOptions): readonly UsdtArgument[] {
  const trimmed = text.trim()
  if (trimmed === '') return []
  // Operands may hold spaces; each begins with its size.
  return trimmed.split(/\s+(?=-?\d+f?@)/).map((argument, index) => {
    const [, sign, size, operand] = /^(-?)([1248])@\s*(.+)$/.exec(argument) ?? []
    const place = operand === undefined ? undefined : grammars[options.arch](operand.trim(), options)
    if (place === undefined) throw new UsdtArgumentError(argument, index)
    return { size: Number(size), signed: sign === '-', place }
  })
}

type Grammar = (operand: string, options: ArgumentOptions) => ArgumentPlace | undefined

const grammars: Readonly<Record<ArchName, Grammar>> = { x64: parseX64, arm64: parseArm64 }

const number = '[-+]?(?:0x[0-9a-fA-F]+|\\d+)'
const x64 = {
  constant: new RegExp(`^\\$(${number})$`),
  register: /^%(\w+)$/,
  /** disp(base), disp(base,index), disp(base,index,scale); disp may be sums of numbers and a symbol. */
  memory: /^([^()]*)\(\s*%(\w+)\s*(?:,\s*%(\w+)\s*(?:,\s*([1248])\s*)?)?\)$/,
} as const

function parseX64(operand: string, options: ArgumentOptions): ArgumentPlace | undefined {
  const [, constant] = x64.constant.exec(operand) ?? []
  if (constant !== undefined) return { kind: 'constant', value: parseInteger(constant) }
  const [, name] = x64.register.exec(operand) ?? []
  if (name !== undefined) return inRegister('x64', name)
  const [, displacement, base, index, scale] = x64.memory.exec(operand) ?? []
  if (displacement === undefined || base === undefined) return undefined
  const register = registerOffset('x64', base)
  const offset = parseDisplacement(displacement.trim(), options)
  if (register === undefined || offset === undefined) return undefined
  if (index === undefined) return { kind: 'memory', register, offset }
  const indexRegister = registerOffset('x64', index)
  if (indexRegister === undefined) return undefined
  return { kind: 'indexed', register, index: indexRegister, shift: Math.log2(Number(scale ?? 1)), offset }
}

/** `-16`, `counter`, `counter+4`, `-4+counter`: the assembler leaves sums as they were written. */
function parseDisplacement(text: string, { distanceTo }: ArgumentOptions): bigint | undefined {
  if (!/^(?:[-+]?[\w.$@]+(?:[-+][\w.$@]+)*)?$/.test(text)) return undefined
  let sum = 0n
  for (const [, sign, term = ''] of text.matchAll(/([-+]?)([\w.$@]+)/g)) {
    const value = /^\d/.test(term) ? parseInteger(term) : distanceTo?.(term)
    if (value === undefined) return undefined
    sum += sign === '-' ? -value : value
  }
  return sum
}

const arm64 = {
  constant: new RegExp(`^#?(${number})$`),
  register: /^(\w+)$/,
  memory: new RegExp(`^\\[\\s*(\\w+)\\s*(?:,\\s*#?(${number})\\s*)?\\]$`),
  indexed: /^\[\s*(\w+)\s*,\s*(x\d+)\s*(?:,\s*lsl\s+#?([0-4])\s*)?\]$/,
} as const

function parseArm64(operand: string): ArgumentPlace | undefined {
  const [, constant] = arm64.constant.exec(operand) ?? []
  if (constant !== undefined) return { kind: 'constant', value: parseInteger(constant) }
  if (/^[wx]zr$/.test(operand)) return { kind: 'constant', value: 0n }
  const [, name] = arm64.register.exec(operand) ?? []
  if (name !== undefined) return inRegister('arm64', name)
  const [, base, offset = '0'] = arm64.memory.exec(operand) ?? []
  if (base !== undefined) {
    const register = registerOffset('arm64', base)
    return register === undefined ? undefined : { kind: 'memory', register, offset: parseInteger(offset) }
  }
  const [, indexedBase, index, shift = '0'] = arm64.indexed.exec(operand) ?? []
  const register = registerOffset('arm64', indexedBase ?? '')
  const indexRegister = registerOffset('arm64', index ?? '')
  if (register === undefined || indexRegister === undefined) return undefined
  return { kind: 'indexed', register, index: indexRegister, shift: Number(shift), offset: 0n }
}

function inRegister(arch: ArchName, name: string): ArgumentPlace | undefined {
  const register = registerOffset(arch, name)
  return register === undefined ? undefined : { kind: 'register', register }
}

function parseInteger(text: string): bigint {
  const negative = text.startsWith('-')
  const value = BigInt(text.replace(/^[-+]/, ''))
  return negative ? -value : value
}

/** An argument of a USDT probe is somewhere that programs cannot read, or is written in a way that nobody knows. */
export class UsdtArgumentError extends BpfError {
  override readonly name = 'UsdtArgumentError'
  readonly argument: string
  /** From 0. */
  readonly index: number

  constructor(argument: string, index: number) {
    const floating = /@%?[xyz]mm|f@|@[dsvq]\d/.test(argument)
    super('ERR_BPF_USDT_ARGUMENT', `argument ${index} of the probe, "${argument}", cannot be read`, {
      hint: floating ? 'floating-point registers are not part of what a program gets to see' : undefined,
    })
    this.argument = argument
    this.index = index
  }
}
