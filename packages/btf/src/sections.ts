import { ByteWriter } from '@bpf/bytes'
import { BtfBuildError } from './build-error'
import { btfMagic, parseHeader } from './header'
import { kindTable } from './kinds'
import { referencesOf } from './references'
import { StringTable } from './string-table'
import type { TypeInput } from './type-input'
import type { Btf } from './types'

/** The sections of a BTF blob. */
export interface BtfSections {
  readonly types: Uint8Array
  readonly strings: Uint8Array
  readonly layout?: Uint8Array | undefined
}

/** @throws BtfBuildError if the type refers to an id at or past `endId`. */
export function checkReferences(type: TypeInput, id: number, endId: number): void {
  const beyond = referencesOf(type).find(reference => reference >= endId)
  if (beyond !== undefined) throw new BtfBuildError(`refers to type ${beyond}, but the last id is ${endId - 1}`, id)
}

/** A string table for types that are put on top of `base`. */
export function stringTableOn(base: Btf | undefined, own?: Uint8Array): StringTable {
  const before: Uint8Array[] = []
  for (let btf = base; btf !== undefined; btf = btf.base) before.unshift(sectionsOf(btf).strings)
  return new StringTable(before, own)
}

/** Header, types, layout, strings, in this order. Without a layout section the header is the 24-byte one that every kernel knows. */
export function assembleBtf({ types, strings, layout }: BtfSections, littleEndian: boolean): Uint8Array<ArrayBuffer> {
  const headerLength = layout === undefined ? 24 : 32
  const layoutLength = layout?.byteLength ?? 0
  const out = new ByteWriter({ littleEndian, capacity: headerLength + types.byteLength + layoutLength + strings.byteLength })
  out.u16(btfMagic).u8(1).u8(0).u32(headerLength)
  out.u32(0).u32(types.byteLength)
  out.u32(types.byteLength + layoutLength).u32(strings.byteLength)
  if (layout !== undefined) out.u32(types.byteLength).u32(layoutLength).bytes(types).bytes(layout)
  else out.bytes(types)
  return out.bytes(strings).toBytes()
}

/** The sections of parsed BTF, shared with its bytes. */
export function sectionsOf(btf: Btf): BtfSections {
  const { bytes } = btf
  const header = parseHeader(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 'BTF')
  const cut = (range: { offset: number; length: number }): Uint8Array => bytes.subarray(range.offset, range.offset + range.length)
  return { types: cut(header.types), strings: cut(header.strings), layout: header.layout.length > 0 ? cut(header.layout) : undefined }
}

/** Size of the single element and of each further element, for every kind (`struct btf_layout`). */
export function layoutSection(): Uint8Array {
  const out = new Uint8Array(kindTable.length * 4)
  for (const [kind, { infoSize, elementSize }] of kindTable.entries()) out.set([infoSize, elementSize], kind * 4)
  return out
}
