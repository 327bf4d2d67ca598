import { BoundsError, BpfError } from '@bpf/bytes'
import { CALL, isLdImm64, PseudoCall } from './constants'

/**
 * A program's code is a buffer of 8-byte slots; these read and write the fields of one slot in place.
 *
 *     byte  0        1            2..3     4..7
 *          +--------+------------+--------+----------+
 *          | opcode | registers  | off    | imm      |
 *          +--------+------------+--------+----------+
 *
 * `off` and `imm` are signed and in the byte order of the target. The registers share a byte, and their places depend on
 * the byte order too, since C bit fields do: little-endian has `dst` in the low four bits, big-endian in the high four.
 */
export const SLOT_SIZE = 8

/** The fields of one slot. A 64-bit immediate load takes two: the second has opcode 0 and the upper half in `imm`. */
export interface Slot {
  readonly opcode: number
  /** 0–15; above 10 names no register. */
  readonly dst: number
  /** 0–15; a register, or a pseudo value. */
  readonly src: number
  /** Signed 16 bits. */
  readonly off: number
  /** Signed 32 bits. */
  readonly imm: number
}

/** Code whose length is no multiple of 8. */
export class CodeSizeError extends BpfError {
  override readonly name = 'CodeSizeError'
  /** Bytes. */
  readonly size: number

  constructor(size: number) {
    super('ERR_BPF_CODE_SIZE', `code is ${size} bytes, not a multiple of ${SLOT_SIZE}`)
    this.size = size
  }
}

/** How many slots the code has. @throws CodeSizeError */
export function slotCount(code: Uint8Array): number {
  if (code.length % SLOT_SIZE !== 0) throw new CodeSizeError(code.length)
  return code.length / SLOT_SIZE
}

/** @throws BoundsError */
export function readSlot(code: Uint8Array, slot: number, littleEndian: boolean): Slot {
  const at = offsetOf(code, slot)
  const registers = byte(code, at + 1)
  const low = registers & 0xf
  const high = registers >> 4
  return {
    opcode: byte(code, at),
    dst: littleEndian ? low : high,
    src: littleEndian ? high : low,
    off: readI16(code, at + 2, littleEndian),
    imm: readI32(code, at + 4, littleEndian),
  }
}

/** Values outside their field are cut to it. @throws BoundsError */
export function writeSlot(code: Uint8Array, slot: number, fields: Slot, littleEndian: boolean): void {
  const at = offsetOf(code, slot)
  const low = (littleEndian ? fields.dst : fields.src) & 0xf
  const high = (littleEndian ? fields.src : fields.dst) & 0xf
  code[at] = fields.opcode
  code[at + 1] = low | (high << 4)
  writeI16(code, at + 2, fields.off, littleEndian)
  writeI32(code, at + 4, fields.imm, littleEndian)
}

/** @throws BoundsError */
export function getOpcode(code: Uint8Array, slot: number): number {
  return byte(code, offsetOf(code, slot))
}

/** @throws BoundsError */
export function getDst(code: Uint8Array, slot: number, littleEndian: boolean): number {
  const registers = byte(code, offsetOf(code, slot) + 1)
  return littleEndian ? registers & 0xf : registers >> 4
}

/** @throws BoundsError */
export function getSrc(code: Uint8Array, slot: number, littleEndian: boolean): number {
  const registers = byte(code, offsetOf(code, slot) + 1)
  return littleEndian ? registers >> 4 : registers & 0xf
}

/** @throws BoundsError */
export function getOff(code: Uint8Array, slot: number, littleEndian: boolean): number {
  return readI16(code, offsetOf(code, slot) + 2, littleEndian)
}

/** @throws BoundsError */
export function getImm(code: Uint8Array, slot: number, littleEndian: boolean): number {
  return readI32(code, offsetOf(code, slot) + 4, littleEndian)
}

/** @throws BoundsError */
export function setOpcode(code: Uint8Array, slot: number, value: number): void {
  code[offsetOf(code, slot)] = value
}

/** @throws BoundsError */
export function setDst(code: Uint8Array, slot: number, value: number, littleEndian: boolean): void {
  const at = offsetOf(code, slot) + 1
  code[at] = littleEndian ? (byte(code, at) & 0xf0) | (value & 0xf) : (byte(code, at) & 0x0f) | (value << 4)
}

/** @throws BoundsError */
export function setSrc(code: Uint8Array, slot: number, value: number, littleEndian: boolean): void {
  const at = offsetOf(code, slot) + 1
  code[at] = littleEndian ? (byte(code, at) & 0x0f) | (value << 4) : (byte(code, at) & 0xf0) | (value & 0xf)
}

/** Cut to 16 bits. @throws BoundsError */
export function setOff(code: Uint8Array, slot: number, value: number, littleEndian: boolean): void {
  writeI16(code, offsetOf(code, slot) + 2, value, littleEndian)
}

/** Cut to 32 bits, signed or unsigned. @throws BoundsError */
export function setImm(code: Uint8Array, slot: number, value: number, littleEndian: boolean): void {
  writeI32(code, offsetOf(code, slot) + 4, value, littleEndian)
}

/** The unsigned value of the 64-bit immediate load at `slot`: `imm` of both its slots. @throws BoundsError */
export function getImm64(code: Uint8Array, slot: number, littleEndian: boolean): bigint {
  const low = getImm(code, slot, littleEndian) >>> 0
  const high = getImm(code, slot + 1, littleEndian) >>> 0
  return (BigInt(high) << 32n) | BigInt(low)
}

/** Cut to 64 bits, signed or unsigned. @throws BoundsError */
export function setImm64(code: Uint8Array, slot: number, value: bigint, littleEndian: boolean): void {
  setImm(code, slot, Number(BigInt.asUintN(32, value)), littleEndian)
  setImm(code, slot + 1, Number(BigInt.asUintN(32, value >> 32n)), littleEndian)
}

/** A call of a function of the same program. @throws BoundsError */
export function isPseudoCall(code: Uint8Array, slot: number, littleEndian: boolean): boolean {
  return getOpcode(code, slot) === CALL && getSrc(code, slot, littleEndian) === PseudoCall.CALL
}

/** A call of a kernel function. @throws BoundsError */
export function isKfuncCall(code: Uint8Array, slot: number, littleEndian: boolean): boolean {
  return getOpcode(code, slot) === CALL && getSrc(code, slot, littleEndian) === PseudoCall.KFUNC_CALL
}

/** A call of a helper by its id. @throws BoundsError */
export function isHelperCall(code: Uint8Array, slot: number, littleEndian: boolean): boolean {
  return getOpcode(code, slot) === CALL && getSrc(code, slot, littleEndian) === 0
}

/** How many slots the instruction at `slot` takes, 1 or 2; 1 when a 64-bit load is cut off by the end. @throws BoundsError */
export function slotsAt(code: Uint8Array, slot: number): 1 | 2 {
  return isLdImm64(getOpcode(code, slot)) && (slot + 2) * SLOT_SIZE <= code.length ? 2 : 1
}

/** A copy in the other byte order. @throws CodeSizeError */
export function swapCode(code: Uint8Array): Uint8Array {
  const swapped = new Uint8Array(slotCount(code) * SLOT_SIZE)
  for (let at = 0; at < code.length; at += SLOT_SIZE) {
    const registers = byte(code, at + 1)
    swapped[at] = byte(code, at)
    swapped[at + 1] = (registers >> 4) | ((registers & 0xf) << 4)
    writeI16(swapped, at + 2, readI16(code, at + 2, true), false)
    writeI32(swapped, at + 4, readI32(code, at + 4, true), false)
  }
  return swapped
}

function offsetOf(code: Uint8Array, slot: number): number {
  const at = slot * SLOT_SIZE
  if (!Number.isInteger(slot) || slot < 0 || at + SLOT_SIZE > code.length) {
    throw new BoundsError({ context: `code, slot ${slot}`, offset: at, wanted: SLOT_SIZE, available: code.length })
  }
  return at
}

// Shifts instead of a DataView: these run for every instruction of every program, and a view would be made each time.

function byte(code: Uint8Array, at: number): number {
  return code[at] ?? 0
}

function readI16(code: Uint8Array, at: number, littleEndian: boolean): number {
  const first = byte(code, at)
  const second = byte(code, at + 1)
  return ((littleEndian ? (second << 8) | first : (first << 8) | second) << 16) >> 16
}

function readI32(code: Uint8Array, at: number, littleEndian: boolean): number {
  const [a, b, c, d] = [byte(code, at), byte(code, at + 1), byte(code, at + 2), byte(code, at + 3)]
  return littleEndian ? (d << 24) | (c << 16) | (b << 8) | a : (a << 24) | (b << 16) | (c << 8) | d
}

function writeI16(code: Uint8Array, at: number, value: number, littleEndian: boolean): void {
  code[at + (littleEndian ? 0 : 1)] = value
  code[at + (littleEndian ? 1 : 0)] = value >> 8
}

function writeI32(code: Uint8Array, at: number, value: number, littleEndian: boolean): void {
  writeI16(code, at + (littleEndian ? 0 : 2), value, littleEndian)
  writeI16(code, at + (littleEndian ? 2 : 0), value >> 16, littleEndian)
}
