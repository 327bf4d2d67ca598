export type Slot = readonly [opcode: number, dst: number, src: number, offset: number, imm: number]

/** `struct bpf_insn` records, little-endian. */
export function assemble(slots: readonly Slot[]): Uint8Array {
  const code = new Uint8Array(slots.length * 8)
  const view = new DataView(code.buffer)
  slots.forEach(([opcode, dst, src, offset, imm], index) => {
    view.setUint8(index * 8, opcode)
    view.setUint8(index * 8 + 1, (src << 4) | dst)
    view.setInt16(index * 8 + 2, offset, true)
    view.setInt32(index * 8 + 4, imm, true)
  })
  return code
}
