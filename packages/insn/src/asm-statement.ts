import { parseAssignment } from './asm-assignment'
import type { ParsedInstruction } from './asm-parsed'
import type { TokenReader } from './asm-reader'
import { helperId } from './helpers'
import type { AluName, AtomicName, ConditionName, Instruction } from './instruction'
import { aluOperations, atomicOperations, conditions } from './operations'

/** One instruction, up to the end of its statement. @throws AsmError */
export function parseInstruction(reader: TokenReader): ParsedInstruction {
  const parsed = parseAny(reader)
  reader.expectEnd()
  return parsed
}

function parseAny(reader: TokenReader): ParsedInstruction {
  if (reader.seesRegister()) return parseRegisterFirst(reader)
  if (reader.sees('*')) return { instruction: parseStore(reader) }
  const token = reader.next()
  const mnemonic = token.text.toLowerCase()
  const parse = token.kind === 'name' && Object.hasOwn(mnemonics, mnemonic) ? mnemonics[mnemonic] : undefined
  if (parse === undefined) throw reader.unknown('instruction', token, Object.keys(mnemonics))
  return parse(reader)
}

const mnemonics: Readonly<Record<string, (reader: TokenReader) => ParsedInstruction>> = {
  if: parseBranch,
  goto: reader => withTarget(reader, distance => ({ kind: 'goto', long: false, distance }), 16),
  gotol: reader => withTarget(reader, distance => ({ kind: 'goto', long: true, distance }), 32),
  may_goto: reader => withTarget(reader, distance => ({ kind: 'mayGoto', distance }), 16),
  gotox: reader => ({ instruction: { kind: 'gotox', register: reader.registerOf(64) } }),
  call: parseCall,
  callx: reader => ({ instruction: { kind: 'callx', register: reader.registerOf(64) } }),
  exit: () => ({ instruction: { kind: 'exit' } }),
  nospec: () => ({ instruction: { kind: 'nospec' } }),
  lock: reader => ({ instruction: parseLock(reader) }),
  store_release: reader => ({ instruction: parseStoreRelease(reader) }),
  ld_pseudo: reader => ({ instruction: parseLoadPseudo(reader) }),
}

/** `r1 = …`, `r1 += …`. */
function parseRegisterFirst(reader: TokenReader): ParsedInstruction {
  const destination = reader.register()
  if (reader.accept('=')) return parseAssignment(reader, destination)
  const token = reader.next()
  const op = aluBySymbol.get(token.text)
  if (op === undefined) throw reader.unknown('operator', token, aluBySymbol.keys())
  const { width, register: dst } = destination
  return { instruction: { kind: 'alu', op, width, dst, operand: reader.operand(width) } }
}

/** `if r1 == 0 goto out`. */
function parseBranch(reader: TokenReader): ParsedInstruction {
  const { width, register: dst } = reader.register()
  const token = reader.next()
  const condition = conditionBySymbol.get(token.text)
  if (condition === undefined) throw reader.unknown('comparison', token, conditionBySymbol.keys())
  const operand = reader.operand(width)
  reader.expect('goto')
  return withTarget(reader, distance => ({ kind: 'branch', condition, width, dst, operand, distance }), 16)
}

/** A label, or a distance in slots. */
function withTarget(reader: TokenReader, build: (distance: number) => Instruction, bits: 16 | 32): ParsedInstruction {
  if (seesSymbol(reader)) return { instruction: build(0), symbol: { use: 'jump', token: reader.next() } }
  return { instruction: build(bits === 16 ? reader.offset() : reader.immediate()) }
}

const seesSymbol = (reader: TokenReader): boolean => ['name', 'label', 'direction'].includes(reader.peek().kind)

/** `call 1`, `call bpf_map_lookup_elem`, `call function`, `call pc+5`, `call kfunc 1234, 0`. */
function parseCall(reader: TokenReader): ParsedInstruction {
  if (reader.sees('pc') && reader.peek(1).kind !== 'end') {
    reader.next()
    return { instruction: { kind: 'callFunction', distance: reader.immediate() } }
  }
  if (reader.sees('kfunc') && reader.peek(1).kind !== 'end') {
    reader.next()
    const btfId = reader.immediate()
    return { instruction: { kind: 'callKfunc', btfId, module: reader.accept(',') ? reader.offset() : 0 } }
  }
  if (!seesSymbol(reader)) return { instruction: { kind: 'callHelper', id: reader.immediate() } }
  const token = reader.next()
  const [name = '', id] = token.kind === 'name' ? token.text.split('#') : [token.text]
  if (id === undefined) return { instruction: { kind: 'callFunction', distance: 0 }, symbol: { use: 'call', token } }
  if (helperId(name) !== Number(id)) throw reader.error(`helper ${name} has id ${helperId(name) ?? 'of no helper'}, not ${id}`, token)
  return { instruction: { kind: 'callHelper', id: Number(id) } }
}

/** `*(u32 *)(r1 + 8) = w2`. The registers of narrow stores may be written either way. */
function parseStore(reader: TokenReader): Instruction {
  const { bits, base, offset } = parseMemory(reader)
  reader.expect('=')
  if (!reader.seesRegister()) return { kind: 'store', bits, base, offset, operand: { kind: 'immediate', value: reader.immediate() } }
  return { kind: 'store', bits, base, offset, operand: { kind: 'register', register: parseValue(reader, bits) } }
}

/** `lock *(u64 *)(r1 + 0) += r2`. */
function parseLock(reader: TokenReader): Instruction {
  const start = reader.peek()
  const { bits, base, offset } = parseMemory(reader)
  if (bits !== 32 && bits !== 64) throw reader.error(`no atomic operation on ${bits} bits`, start)
  const token = reader.next()
  const op = atomicBySymbol.get(token.text)
  if (op === undefined) throw reader.unknown('atomic operator', token, atomicBySymbol.keys())
  return { kind: 'atomic', op, fetch: false, bits, base, offset, src: parseValue(reader, bits) }
}

/** `*(u32 *)(r1 + 8)`, unsigned. */
function parseMemory(reader: TokenReader) {
  reader.expect('*')
  const token = reader.peek(1)
  const { bits, signed } = reader.accessType()
  if (signed) throw reader.error(`no store of type ${token.text}`, token, `u${bits} stores the same bytes`)
  return { bits, ...reader.address() }
}

function parseValue(reader: TokenReader, bits: number): number {
  if (bits === 64) return reader.registerOf(64)
  return reader.register().register
}

/** `store_release((u8 *)(r1 + 0), w2)`. */
function parseStoreRelease(reader: TokenReader): Instruction {
  reader.expect('(')
  const { bits, signed } = reader.accessType()
  if (signed) throw reader.error('no store-release of a signed type')
  const { base, offset } = reader.address()
  reader.expect(',')
  const src = parseValue(reader, bits)
  reader.expect(')')
  return { kind: 'storeRelease', bits, base, offset, src }
}

/** LLVM's `ld_pseudo r1, 1, 3`. */
function parseLoadPseudo(reader: TokenReader): Instruction {
  const dst = reader.registerOf(64)
  reader.expect(',')
  const token = reader.peek()
  const pseudo = reader.immediate()
  if (pseudo < 0 || pseudo > 6) throw reader.error(`no pseudo value ${pseudo}`, token)
  reader.expect(',')
  return { kind: 'loadImm64', dst, pseudo, value: BigInt.asUintN(64, reader.expression()) }
}

const bySymbol = <Name extends string>(
  table: Readonly<Record<Name, { readonly symbol: string | undefined }>>,
): ReadonlyMap<string, Name> => {
  const names = new Map<string, Name>()
  for (const name in table) {
    const { symbol } = table[name]
    if (symbol !== undefined) names.set(symbol, name)
  }
  return names
}

const aluBySymbol: ReadonlyMap<string, AluName> = bySymbol(aluOperations)
const conditionBySymbol: ReadonlyMap<string, ConditionName> = bySymbol(conditions)
const atomicBySymbol: ReadonlyMap<string, AtomicName> = bySymbol(atomicOperations)
