import { CALL, getOpcode, isCall, isLdImm64, setImm, setOff, setSrc, slotCount, writeSlot } from '@bpf/insn'
import { PlanError } from './plan-error'

/** A program's code while references are written into it. */
export interface CodeBuffer {
  readonly code: Uint8Array
  readonly littleEndian: boolean
}

/** A 64-bit immediate load with what it means (`PseudoSource`) and its two halves; undefined leaves a half as it is. */
export function writeLoad({ code, littleEndian }: CodeBuffer, slot: number, source: number, low: number, high?: number): void {
  if (!isLdImm64(getOpcode(code, slot)) || slot + 1 >= slotCount(code)) throw notA('64-bit immediate load')
  setSrc(code, slot, source, littleEndian)
  setImm(code, slot, low, littleEndian)
  if (high !== undefined) setImm(code, slot + 1, high, littleEndian)
}

/** A call with what it means (`PseudoCall`); undefined leaves `off` as it is. */
export function writeCall({ code, littleEndian }: CodeBuffer, slot: number, source: number, imm: number, off?: number): void {
  if (!isCall(getOpcode(code, slot))) throw notA('call')
  setSrc(code, slot, source, littleEndian)
  setImm(code, slot, imm, littleEndian)
  if (off !== undefined) setOff(code, slot, off, littleEndian)
}

/** Calls of a helper that does not exist, in place of a call or of both halves of a load: refused only if it is reached. */
export function writePoison({ code, littleEndian }: CodeBuffer, slot: number, imm: number): void {
  const isLoad = isLdImm64(getOpcode(code, slot)) && slot + 1 < slotCount(code)
  for (const at of isLoad ? [slot, slot + 1] : [slot]) writeSlot(code, at, { opcode: CALL, dst: 0, src: 0, off: 0, imm }, littleEndian)
}

function notA(form: string): PlanError {
  return new PlanError('ERR_BPF_PLAN_INSTRUCTION', `is no ${form}, which is what the reference needs`)
}
