import { ByteWriter } from '@bpf/bytes'
import type { LinkedProgram } from './link'

/** `struct bpf_func_info`: slot and FUNC id. */
const FUNC_INFO_SIZE = 8
/** `struct bpf_line_info`: slot, file name and text as string offsets, line and column. */
const LINE_INFO_SIZE = 16
/** Line in the upper 22 bits, column in the lower 10. */
const COLUMN_BITS = 10

/**
 * One record a function. The kernel wants all of them or none, so there are none when one function has no type.
 *
 * @param typeOf Replaces the FUNC of some functions.
 */
export function funcInfo(linked: LinkedProgram, littleEndian: boolean, typeOf: ReadonlyMap<string, number>): Uint8Array {
  const writer = new ByteWriter({ littleEndian, capacity: linked.functions.length * FUNC_INFO_SIZE })
  for (const { spec, slot } of linked.functions) {
    if (spec.typeId === 0) return new Uint8Array(0)
    writer.u32(slot).u32(typeOf.get(spec.name) ?? spec.typeId)
  }
  return writer.toBytes()
}

/** The lines of all functions; none when one function has no lines, which the kernel would not accept. */
export function lineInfo(linked: LinkedProgram, littleEndian: boolean): Uint8Array {
  if (linked.functions.some(({ spec }) => spec.lineInfo.length === 0)) return new Uint8Array(0)
  const count = linked.functions.reduce((sum, { spec }) => sum + spec.lineInfo.length, 0)
  const view = new DataView(new ArrayBuffer(count * LINE_INFO_SIZE))
  let at = 0
  for (const { spec, slot } of linked.functions) {
    for (const info of spec.lineInfo) {
      view.setUint32(at, slot + info.slot, littleEndian)
      view.setUint32(at + 4, info.fileNameOffset, littleEndian)
      view.setUint32(at + 8, info.lineOffset, littleEndian)
      view.setUint32(at + 12, (info.line << COLUMN_BITS) | info.column, littleEndian)
      at += LINE_INFO_SIZE
    }
  }
  return new Uint8Array(view.buffer)
}
