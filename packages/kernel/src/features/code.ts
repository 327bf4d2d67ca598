/** The few instructions probes are made of (RFC 9669), little-endian. */
export type Insn = readonly [opcode: number, dst: number, src: number, off: number, imm: number]

export const r0 = 0
export const r1 = 1
export const r2 = 2
export const r3 = 3
export const r10 = 10

export const mov = (dst: number, imm: number): Insn => [0xb7, dst, 0, 0, imm]
export const movReg = (dst: number, src: number): Insn => [0xbf, dst, src, 0, 0]
export const add = (dst: number, imm: number): Insn => [0x07, dst, 0, 0, imm]
export const sub = (dst: number, imm: number): Insn => [0x17, dst, 0, 0, imm]
export const call = (helper: number): Insn => [0x85, 0, 0, 0, helper]
export const callLocal = (distance: number): Insn => [0x85, 0, 1, 0, distance]
export const exit: Insn = [0x95, 0, 0, 0, 0]
export const jumpNotEqual = (dst: number, imm: number, off: number): Insn => [0x55, dst, 0, off, imm]
/** `if dst < imm`, unsigned: v2. */
export const jumpLess = (dst: number, imm: number, off: number): Insn => [0xa5, dst, 0, off, imm]
/** `if w(dst) < imm`: v3. */
export const jumpLess32 = (dst: number, imm: number, off: number): Insn => [0xa6, dst, 0, off, imm]
/** `gotol +imm`: v4. */
export const jumpLong = (imm: number): Insn => [0x06, 0, 0, 0, imm]
/** `*(u64 *)(dst + off) = imm`. */
export const store64 = (dst: number, off: number, imm: number): Insn => [0x7a, dst, 0, off, imm]
/** `lock *(u64 *)(dst + off) = fetch_add(src)`: atomics beyond plain add (5.12). */
export const fetchAdd = (dst: number, src: number, off: number): Insn => [0xdb, dst, src, off, 0x01]
/** `r0 = load_acquire((u64 *)(src + off))` (6.15). */
export const loadAcquire = (dst: number, src: number, off: number): Insn => [0xdb, dst, src, off, 0x100]
/** The address of a map's value, at an offset: two slots. */
export const mapValue = (dst: number, fd: number, offset: number): readonly Insn[] => [
  [0x18, dst, 2, 0, fd],
  [0, 0, 0, 0, offset],
]

export const returnZero: readonly Insn[] = [mov(r0, 0), exit]

export function assemble(insns: readonly Insn[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(insns.length * 8))
  insns.forEach(([opcode, dst, src, off, imm], slot) => {
    view.setUint8(slot * 8, opcode)
    view.setUint8(slot * 8 + 1, (src << 4) | dst)
    view.setInt16(slot * 8 + 2, off, true)
    view.setInt32(slot * 8 + 4, imm, true)
  })
  return new Uint8Array(view.buffer)
}
