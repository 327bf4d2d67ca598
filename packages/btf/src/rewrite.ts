import { ByteWriter } from '@bpf/bytes'
import { BtfBuildError } from './build-error'
import { parseHeader } from './header'
import type { KindLayout } from './kinds'
import { assembleBtf, checkReferences, sectionsOf, stringTableOn } from './sections'
import { encodeType } from './type-encode'
import { indexTypes, layoutTable } from './type-index'
import type { TypeInput } from './type-input'
import type { Btf, BtfType } from './types'

export interface RewriteOptions {
  /** Types to put behind the last; the first gets id `btf.endId`. */
  readonly append?: readonly TypeInput[]
  /** False cuts the table of record sizes by kind, which kernels before 7.1 refuse. */
  readonly layout?: boolean
}

/**
 * Writes a blob anew with some of its own types changed. Ids and string offsets stay, so code, `.BTF.ext` and split BTF that refer
 * to it remain valid; new names go behind the old strings.
 *
 * @param change gets each type in id order; what it returns unchanged (the same object) is copied byte for byte.
 * @throws BtfError if a type cannot be read, BtfBuildError if BTF cannot express a changed one.
 */
export function rewriteBtf(
  btf: Btf,
  change: (type: BtfType) => BtfType | TypeInput,
  options: RewriteOptions = {},
): Uint8Array<ArrayBuffer> {
  const sections = sectionsOf(btf)
  const strings = stringTableOn(btf.base, sections.strings)
  const writer = new ByteWriter({ littleEndian: btf.littleEndian, capacity: sections.types.byteLength })
  const append = options.append ?? []
  const write = (type: TypeInput, id: number): void => {
    checkReferences(type, id, btf.endId + append.length)
    encodeType(type, id, writer, strings)
  }
  for (const [index, record] of recordsOf(btf).entries()) {
    const id = btf.startId + index
    const type = btf.type(id)
    const changed = change(type)
    if (changed === type) writer.bytes(record)
    else if (changed.kind === 'void' || changed.kind === 'unknown') throw new BtfBuildError(`cannot become ${changed.kind}`, id)
    else write(changed, id)
  }
  for (const [index, type] of append.entries()) write(type, btf.endId + index)
  const layout = options.layout === false ? undefined : sections.layout
  return assembleBtf({ types: writer.toBytes(), strings: strings.toBytes(), layout }, btf.littleEndian)
}

/** The type records of a blob in id order, shared with its bytes. */
function recordsOf({ bytes, base }: Btf): Uint8Array[] {
  const view = viewOf(bytes)
  const header = parseHeader(view, 'BTF')
  const layouts = header.layout.length > 0 || base === undefined ? layoutTable(view, header, 'BTF') : layoutOfBase(base)
  const { offsets } = indexTypes(view, header, layouts, 'BTF')
  const end = header.types.offset + header.types.length
  return Array.from(offsets, (offset, index) => bytes.subarray(offset, offsets[index + 1] ?? end))
}

function layoutOfBase({ bytes, base }: Btf): (kind: number) => KindLayout | undefined {
  const view = viewOf(bytes)
  const header = parseHeader(view, 'BTF')
  return header.layout.length > 0 || base === undefined ? layoutTable(view, header, 'BTF') : layoutOfBase(base)
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
