import { AluOp, AtomicOp, JumpOp, MemorySize } from './constants'
import type { AluName, AtomicName, Bits, ConditionName } from './instruction'

/** Arithmetic: opcode bits, the `off` that tells signed from unsigned, and how it is written. */
export const aluOperations: Readonly<Record<AluName, { readonly op: AluOp; readonly off: 0 | 1; readonly symbol: string }>> = {
  add: { op: AluOp.ADD, off: 0, symbol: '+=' },
  sub: { op: AluOp.SUB, off: 0, symbol: '-=' },
  mul: { op: AluOp.MUL, off: 0, symbol: '*=' },
  div: { op: AluOp.DIV, off: 0, symbol: '/=' },
  sdiv: { op: AluOp.DIV, off: 1, symbol: 's/=' },
  or: { op: AluOp.OR, off: 0, symbol: '|=' },
  and: { op: AluOp.AND, off: 0, symbol: '&=' },
  lsh: { op: AluOp.LSH, off: 0, symbol: '<<=' },
  rsh: { op: AluOp.RSH, off: 0, symbol: '>>=' },
  mod: { op: AluOp.MOD, off: 0, symbol: '%=' },
  smod: { op: AluOp.MOD, off: 1, symbol: 's%=' },
  xor: { op: AluOp.XOR, off: 0, symbol: '^=' },
  mov: { op: AluOp.MOV, off: 0, symbol: '=' },
  arsh: { op: AluOp.ARSH, off: 0, symbol: 's>>=' },
}

export const conditions: Readonly<Record<ConditionName, { readonly op: JumpOp; readonly symbol: string }>> = {
  eq: { op: JumpOp.JEQ, symbol: '==' },
  gt: { op: JumpOp.JGT, symbol: '>' },
  ge: { op: JumpOp.JGE, symbol: '>=' },
  set: { op: JumpOp.JSET, symbol: '&' },
  ne: { op: JumpOp.JNE, symbol: '!=' },
  sgt: { op: JumpOp.JSGT, symbol: 's>' },
  sge: { op: JumpOp.JSGE, symbol: 's>=' },
  lt: { op: JumpOp.JLT, symbol: '<' },
  le: { op: JumpOp.JLE, symbol: '<=' },
  slt: { op: JumpOp.JSLT, symbol: 's<' },
  sle: { op: JumpOp.JSLE, symbol: 's<=' },
}

/** Read-modify-write operations: `imm` without FETCH, and the symbol of the form that fetches nothing. */
export const atomicOperations: Readonly<Record<AtomicName, { readonly op: AtomicOp; readonly symbol: string | undefined }>> = {
  add: { op: AtomicOp.ADD, symbol: '+=' },
  or: { op: AtomicOp.OR, symbol: '|=' },
  and: { op: AtomicOp.AND, symbol: '&=' },
  xor: { op: AtomicOp.XOR, symbol: '^=' },
  xchg: { op: AtomicOp.XCHG, symbol: undefined },
  cmpxchg: { op: AtomicOp.CMPXCHG, symbol: undefined },
}

export const sizes: Readonly<Record<Bits, MemorySize>> = { 8: MemorySize.B, 16: MemorySize.H, 32: MemorySize.W, 64: MemorySize.DW }

export const bitsOf = (size: number): Bits => {
  if (size === MemorySize.B) return 8
  if (size === MemorySize.H) return 16
  return size === MemorySize.W ? 32 : 64
}

/** The key of the first entry that matches. */
export function findName<Name extends string, Entry>(
  table: Readonly<Record<Name, Entry>>,
  matches: (entry: Entry) => boolean,
): Name | undefined {
  for (const name in table) if (matches(table[name])) return name
  return undefined
}
