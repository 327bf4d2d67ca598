import {
  CALL,
  classOf,
  getDst,
  getImm,
  getImm64,
  getOff,
  getOpcode,
  getSrc,
  InsnClass,
  isLdImm64,
  MemorySize,
  modeOf,
  OperandSource,
  setImm,
  setImm64,
  setOff,
  setOpcode,
  sizeOf,
  slotCount,
  sourceOf,
  writeSlot,
} from '@bpf/insn'
import { CoreError } from './core-error'
import type { CoreResolution } from './resolution'

/** The helper id in an instruction that CO-RE made unusable: 0xbad2310, "bad relo". The verifier prints it when it gets there. */
export const CORE_POISON = 195896080

/** What became of the instruction. */
export type PatchOutcome = 'patched' | 'poisoned'

/**
 * Writes a decided relocation into the instruction at `slot`, which may be arithmetic or a move with an immediate, a 64-bit
 * immediate load, or a load or store at an offset. Where there is no value, it is replaced by a call the verifier refuses
 * unless it is never reached.
 *
 * @throws CoreError, if the instruction is of another form, holds another value than the record implies, or cannot hold the new one.
 */
export function patchInstruction(code: Uint8Array, slot: number, resolution: CoreResolution, littleEndian: boolean): PatchOutcome {
  const { path, access, kind, after } = resolution
  const fail = (cause: string) => new CoreError('ERR_BPF_CORE_INSTRUCTION', `instruction ${slot} ${cause}`, { path, access, kind })
  if (slot < 0 || slot >= slotCount(code)) throw fail('is outside the function')
  const opcode = getOpcode(code, slot)
  if (after === undefined) return poison(code, slot, littleEndian)
  switch (classOf(opcode)) {
    case InsnClass.ALU:
    case InsnClass.ALU64:
      if (sourceOf(opcode) !== OperandSource.K) throw fail('takes no immediate')
      expectValue(resolution, BigInt(getImm(code, slot, littleEndian)), 32, fail)
      setImm(code, slot, Number(BigInt.asIntN(32, after)), littleEndian)
      return 'patched'
    case InsnClass.LDX:
    case InsnClass.ST:
    case InsnClass.STX:
      return patchMemory(code, slot, resolution, after, littleEndian, fail)
    default:
      if (!isPlainLdImm64(code, slot, littleEndian)) throw fail('cannot be relocated')
      expectValue(resolution, getImm64(code, slot, littleEndian), 64, fail)
      setImm64(code, slot, after, littleEndian)
      return 'patched'
  }
}

type Fail = (cause: string) => CoreError

function expectValue(resolution: CoreResolution, found: bigint, bits: number, fail: Fail): void {
  if (!resolution.checked || BigInt.asUintN(bits, found) === BigInt.asUintN(bits, resolution.before)) return
  throw fail(`holds ${found}, but the program's own types say ${resolution.before}`)
}

function patchMemory(
  code: Uint8Array,
  slot: number,
  resolution: CoreResolution,
  after: bigint,
  littleEndian: boolean,
  fail: Fail,
): PatchOutcome {
  const { widthBefore, widthAfter } = resolution
  expectValue(resolution, BigInt(getOff(code, slot, littleEndian)), 64, fail)
  if (after > 0x7fffn) throw fail(`cannot hold the offset ${after}`)
  if (widthBefore !== widthAfter && !resolution.widthMayChange) return poison(code, slot, littleEndian)
  setOff(code, slot, Number(after), littleEndian)
  if (widthBefore === widthAfter) return 'patched'
  const opcode = getOpcode(code, slot)
  if (byteWidths[sizeOf(opcode)] !== widthBefore) throw fail(`moves ${byteWidths[sizeOf(opcode)]} bytes of a field of ${widthBefore}`)
  const size = sizeBits[widthAfter]
  if (size === undefined) throw fail(`cannot move ${widthAfter} bytes`)
  setOpcode(code, slot, modeOf(opcode) | size | classOf(opcode))
  return 'patched'
}

const byteWidths: Readonly<Record<number, number>> = { [MemorySize.B]: 1, [MemorySize.H]: 2, [MemorySize.W]: 4, [MemorySize.DW]: 8 }
const sizeBits: Readonly<Record<number, number>> = { 1: MemorySize.B, 2: MemorySize.H, 4: MemorySize.W, 8: MemorySize.DW }

function isPlainLdImm64(code: Uint8Array, slot: number, littleEndian: boolean): boolean {
  if (!isLdImm64(getOpcode(code, slot)) || slot + 1 >= slotCount(code)) return false
  const clean = (at: number) => getSrc(code, at, littleEndian) === 0 && getOff(code, at, littleEndian) === 0
  return clean(slot) && clean(slot + 1) && getOpcode(code, slot + 1) === 0 && getDst(code, slot + 1, littleEndian) === 0
}

/** Both halves of a 64-bit load, so that the verifier does not stumble over the second as an unknown opcode first. */
function poison(code: Uint8Array, slot: number, littleEndian: boolean): PatchOutcome {
  const call = { opcode: CALL, dst: 0, src: 0, off: 0, imm: CORE_POISON }
  if (isLdImm64(getOpcode(code, slot)) && slot + 1 < slotCount(code)) writeSlot(code, slot + 1, call, littleEndian)
  writeSlot(code, slot, call, littleEndian)
  return 'poisoned'
}
