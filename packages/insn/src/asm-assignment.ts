import type { ParsedInstruction } from './asm-parsed'
import type { RegisterName, TokenReader } from './asm-reader'
import { PseudoSource } from './constants'
import { pseudoNames } from './format'
import type { AtomicName, Bits, Instruction } from './instruction'

/** What may follow `r1 =`. @throws AsmError */
export function parseAssignment(reader: TokenReader, destination: RegisterName): ParsedInstruction {
  const { width, register: dst } = destination
  if (reader.sees('-') && reader.seesRegister(1)) return { instruction: parseNegation(reader, destination) }
  if (reader.sees('*')) return { instruction: parseLoad(reader, destination) }
  if (reader.sees('&')) return { instruction: parsePercpu(reader, destination) }
  if (reader.sees('(')) return { instruction: parseSignExtension(reader, destination) }
  if (seesSymbolAddress(reader)) return parseSymbolAddress(reader, destination)
  if (!reader.seesRegister() && reader.peek().kind === 'name') return { instruction: parseNamed(reader, destination) }
  if (reader.seesRegister()) return { instruction: { kind: 'alu', op: 'mov', width, dst, operand: reader.operand(width) } }
  return { instruction: parseNumber(reader, destination) }
}

/** `r1 = -r1`. */
function parseNegation(reader: TokenReader, { width, register: dst }: RegisterName): Instruction {
  reader.expect('-')
  expectSame(reader, { width, register: dst })
  return { kind: 'neg', width, dst }
}

/** `r1 = *(u32 *)(r2 + 8)` or `r0 = *(u32 *)skb[8]`. The registers of narrow loads may be written either way. */
function parseLoad(reader: TokenReader, destination: RegisterName): Instruction {
  const start = reader.next()
  const { bits, signed } = reader.accessType()
  if (reader.accept('skb')) return parsePacketLoad(reader, destination, bits, signed)
  if (destination.width === 32 && (signed || bits === 64)) {
    throw reader.error(`a load of ${signed ? 's' : 'u'}${bits} needs a 64-bit register`, start, `write r${destination.register}`)
  }
  const { base, offset } = reader.address()
  return { kind: 'load', bits, signed, dst: destination.register, base, offset }
}

/** `skb[8]`, `skb[r1]`, `skb[r1 + 8]`. */
function parsePacketLoad(reader: TokenReader, destination: RegisterName, bits: Bits, signed: boolean): Instruction {
  if (bits === 64 || signed) throw reader.error(`packet loads are of u8, u16 or u32`)
  if (destination.register !== 0 || destination.width === 32) throw reader.error('packet loads go to r0')
  reader.expect('[')
  const indexed = reader.seesRegister()
  const index = indexed ? reader.registerOf(64) : undefined
  const offset = !indexed || reader.sees('+') || reader.sees('-') ? reader.immediate() : 0
  reader.expect(']')
  return { kind: 'loadPacket', bits, index, offset }
}

/** `r1 = &(void __percpu *)(r2)`, as the kernel prints translated code. */
function parsePercpu(reader: TokenReader, destination: RegisterName): Instruction {
  const dst = wide(reader, destination)
  reader.expect('&', '(', 'void', '__percpu', '*', ')', '(')
  const src = reader.registerOf(64)
  reader.expect(')')
  return { kind: 'percpuAddress', dst, src }
}

/** `r1 = (s8)r2`. */
function parseSignExtension(reader: TokenReader, { width, register: dst }: RegisterName): Instruction {
  reader.expect('(')
  const token = reader.next()
  const bits = { s8: 8, s16: 16, s32: 32 }[token.text.toLowerCase()]
  if ((bits !== 8 && bits !== 16 && bits !== 32) || bits >= width) {
    throw reader.unknown('sign extension', token, width === 64 ? ['s8', 's16', 's32'] : ['s8', 's16'])
  }
  reader.expect(')')
  return { kind: 'movsx', width, bits, dst, src: reader.registerOf(width) }
}

/** A symbol is what has `ll` after it, even if it looks like a register. */
const seesSymbolAddress = (reader: TokenReader): boolean => ['name', 'label'].includes(reader.peek().kind) && isLl(reader, 1)

const isLl = (reader: TokenReader, ahead: number): boolean => {
  const token = reader.peek(ahead)
  return token.kind === 'name' && token.text.toLowerCase() === 'll'
}

/** `r1 = events ll`. */
function parseSymbolAddress(reader: TokenReader, destination: RegisterName): ParsedInstruction {
  const dst = wide(reader, destination)
  const token = reader.next()
  reader.expect('ll')
  return { instruction: { kind: 'loadImm64', dst, pseudo: 0, value: 0n }, symbol: { use: 'address', token } }
}

/** `r1 = 5` or `r1 = 5 ll`. */
function parseNumber(reader: TokenReader, destination: RegisterName): Instruction {
  const token = reader.peek()
  const value = reader.expression()
  if (reader.accept('ll')) {
    const dst = wide(reader, destination)
    if (value < -(2n ** 63n)) throw reader.error('the number does not fit in 64 bits', token)
    return { kind: 'loadImm64', dst, pseudo: 0, value: BigInt.asUintN(64, value) }
  }
  if (value < -(2n ** 31n) || value >= 2n ** 32n) {
    throw reader.error(`${value} does not fit in 32 bits`, token, 'add "ll" for a 64-bit immediate')
  }
  const operand = { kind: 'immediate', value: Number(BigInt.asIntN(32, value)) } as const
  return { kind: 'alu', op: 'mov', width: destination.width, dst: destination.register, operand }
}

/** `r1 = name…`: byte-order conversions, casts, atomics, pseudo values. */
function parseNamed(reader: TokenReader, destination: RegisterName): Instruction {
  const token = reader.next()
  const name = token.text.toLowerCase()
  const parse = Object.hasOwn(named, name) ? named[name] : undefined
  if (parse === undefined) throw reader.unknown('operation', token, Object.keys(named))
  return parse(reader, destination)
}

type ParseNamed = (reader: TokenReader, destination: RegisterName) => Instruction

const endian =
  (order: 'le' | 'be' | 'swap', bits: 16 | 32 | 64): ParseNamed =>
  (reader, destination) => {
    const dst = wide(reader, destination)
    expectSame(reader, destination)
    return { kind: 'endian', order, bits, dst }
  }

/** `r2 = atomic_fetch_add((u64 *)(r1 + 0), r2)`. */
const fetch =
  (op: AtomicName): ParseNamed =>
  (reader, destination) => {
    reader.expect('(')
    const token = reader.peek(1)
    const { bits, signed } = reader.accessType()
    if (signed || bits !== destination.width) throw reader.error(`u${destination.width} goes with this register`, token)
    const { base, offset } = reader.address()
    reader.expect(',')
    expectSame(reader, destination)
    reader.expect(')')
    return { kind: 'atomic', op, fetch: true, bits: destination.width, base, offset, src: destination.register }
  }

/** `r2 = xchg_64(r1 + 0, r2)`, `r0 = cmpxchg_64(r1 + 0, r0, r2)`. */
const exchange =
  (op: 'xchg' | 'cmpxchg', bits: 32 | 64): ParseNamed =>
  (reader, destination) => {
    if (destination.width !== bits) throw reader.error(`the result is ${bits} bits wide, its register ${destination.width}`)
    if (op === 'cmpxchg' && destination.register !== 0) throw reader.error('the result of cmpxchg is in r0')
    reader.expect('(')
    const { base, offset } = reader.plainAddress()
    reader.expect(',')
    expectSame(reader, destination)
    if (op === 'cmpxchg') reader.expect(',')
    const src = op === 'cmpxchg' ? reader.registerOf(bits) : destination.register
    reader.expect(')')
    return { kind: 'atomic', op, fetch: true, bits, base, offset, src }
  }

/** `w1 = load_acquire((u8 *)(r2 + 0))`. */
const loadAcquire: ParseNamed = (reader, destination) => {
  reader.expect('(')
  const token = reader.peek(1)
  const { bits, signed } = reader.accessType()
  if (signed || (bits === 64 && destination.width === 32)) throw reader.error('no load-acquire of this type to this register', token)
  const { base, offset } = reader.address()
  reader.expect(')')
  return { kind: 'loadAcquire', bits, dst: destination.register, base, offset }
}

/** `r1 = addr_space_cast(r2, 0, 1)`. */
const addrSpaceCast: ParseNamed = (reader, destination) => {
  const dst = wide(reader, destination)
  reader.expect('(')
  const src = reader.registerOf(64)
  reader.expect(',')
  const to = addressSpace(reader)
  reader.expect(',')
  const from = addressSpace(reader)
  reader.expect(')')
  return { kind: 'addrSpaceCast', dst, src, to, from }
}

function addressSpace(reader: TokenReader): number {
  const token = reader.peek()
  const value = reader.immediate()
  if (value < 0 || value > 0xffff) throw reader.error('an address space has 16 bits', token)
  return value
}

/** `map_value(3, 8) ll`; functions are `func(pc+5) ll`. */
const pseudo =
  (source: PseudoSource): ParseNamed =>
  (reader, destination) => {
    const dst = wide(reader, destination)
    reader.expect('(')
    if (source === PseudoSource.FUNC) reader.expect('pc')
    const low = reader.immediate()
    const high = reader.accept(',') ? reader.immediate() : 0
    reader.expect(')', 'll')
    return { kind: 'loadImm64', dst, pseudo: source, value: (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0) }
  }

const named: Readonly<Record<string, ParseNamed>> = {
  ...Object.fromEntries(([16, 32, 64] as const).map(bits => [`le${bits}`, endian('le', bits)])),
  ...Object.fromEntries(([16, 32, 64] as const).map(bits => [`be${bits}`, endian('be', bits)])),
  ...Object.fromEntries(([16, 32, 64] as const).map(bits => [`bswap${bits}`, endian('swap', bits)])),
  ...Object.fromEntries((['add', 'or', 'and', 'xor'] as const).map(op => [`atomic_fetch_${op}`, fetch(op)])),
  ...Object.fromEntries(Object.values(PseudoSource).map(source => [pseudoNames[source], pseudo(source)])),
  xchg_64: exchange('xchg', 64),
  xchg32_32: exchange('xchg', 32),
  cmpxchg_64: exchange('cmpxchg', 64),
  cmpxchg32_32: exchange('cmpxchg', 32),
  load_acquire: loadAcquire,
  addr_space_cast: addrSpaceCast,
}

/** The destination where only 64 bits will do. */
function wide(reader: TokenReader, { width, register }: RegisterName): number {
  if (width !== 64) throw reader.error(`this needs a 64-bit register: r${register}`)
  return register
}

/** An operand that has to be the destination itself. */
function expectSame(reader: TokenReader, { width, register }: RegisterName): void {
  const token = reader.peek()
  if (reader.registerOf(width) !== register) throw reader.error(`${token.text} must be the register assigned to`, token)
}
