import { ByteWriter } from '@bpf/bytes'
import { BtfBuildError } from './build-error'
import { parseHeader } from './header'
import type { KindLayout } from './kinds'
import { assembleBtf, checkReferences, sectionsOf, stringTableOn } from './sections'
import { encodeType } from './type-encode'
import { indexTypes, layoutTable } from './type-index'
import type { TypeInput } from './type-input'
import type { Btf } from './types'

export interface RewriteOptions {
  /** Types to put behind the last; the first gets id `btf.endId`. */
  readonly append?: readonly TypeInput[]
  /** False cuts the table of record sizes by kind, which kernels before 7.1 refuse. */
  readonly layout?: boolean
}

/**
 * Writes a blob anew with some of its own types changed. Ids and string offsets stay, so code, `.BTF.ext` and split BTF that refer
 * to it remain valid; new names go behind the old strings. The other types are copied byte for byte, unseen.
 *
 * @param changed by id
 * @throws BtfBuildError if BTF cannot express a changed type, or the blob has none of that id
 */
export function rewriteBtf(btf: Btf, changed: ReadonlyMap<number, TypeInput>, options: RewriteOptions = {}): Uint8Array<ArrayBuffer> {
  const sections = sectionsOf(btf)
  const strings = stringTableOn(btf.base, sections.strings)
  const writer = new ByteWriter({ littleEndian: btf.littleEndian, capacity: sections.types.byteLength })
  const append = options.append ?? []
  const write = (type: TypeInput, id: number): void => {
    checkReferences(type, id, btf.endId + append.length)
    encodeType(type, id, writer, strings)
  }
  const offsets = recordOffsets(btf)
  let copied = 0
  for (const [id, type] of [...changed].sort(([a], [b]) => a - b)) {
    const [start, end] = [offsets[id - btf.startId], offsets[id - btf.startId + 1]]
    if (start === undefined || end === undefined) throw new BtfBuildError('is not a type of this BTF', id)
    writer.bytes(sections.types.subarray(copied, start))
    write(type, id)
    copied = end
  }
  writer.bytes(sections.types.subarray(copied))
  for (const [index, type] of append.entries()) write(type, btf.endId + index)
  const layout = options.layout === false ? undefined : sections.layout
  return assembleBtf({ types: writer.toBytes(), strings: strings.toBytes(), layout }, btf.littleEndian)
}

/** Where the type records of a blob begin in its type section, in id order, and where the last ends. */
function recordOffsets({ bytes, base }: Btf): Uint32Array {
  const view = viewOf(bytes)
  const header = parseHeader(view, 'BTF')
  const layouts = header.layout.length > 0 || base === undefined ? layoutTable(view, header, 'BTF') : layoutOfBase(base)
  const { places } = indexTypes(view, header, layouts, 'BTF')
  const own = new Uint32Array(places.length + 1).fill(header.types.length)
  for (const [index, place] of places.entries()) own[index] = place * 4
  return own
}

function layoutOfBase({ bytes, base }: Btf): (kind: number) => KindLayout | undefined {
  const view = viewOf(bytes)
  const header = parseHeader(view, 'BTF')
  return header.layout.length > 0 || base === undefined ? layoutTable(view, header, 'BTF') : layoutOfBase(base)
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
