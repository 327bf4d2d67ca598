import { SectionType } from './constants'
import { RecordSize } from './header'
import { parseElf } from './parse'
import type { ElfSection } from './types'

const headerOffsets = { sectionOffset: 0x28 } as const
const sectionHeaderOffsets = { offset: 0x18, size: 0x20 } as const

/**
 * The same object without what only debuggers read: DWARF, and its relocations. Loading needs none of it, and where kernel headers
 * are used it is nine tenths of the file. The sections stay, without contents, so that every index means what it meant.
 *
 * Executables and libraries are returned as they are: addresses of theirs are places in the file.
 *
 * @throws ElfError
 */
export function withoutDebugInfo(bytes: Uint8Array): Uint8Array {
  const { header, sections, segments } = parseElf(bytes)
  const dropped = new Set(sections.filter(section => isDebug(section, sections)))
  if (segments.length > 0 || dropped.size === 0) return bytes
  const places = placeSections(sections, dropped)
  const headers = align(places.end, 8)
  const out = new Uint8Array(headers + sections.length * RecordSize.SectionHeader)
  const view = new DataView(out.buffer)
  const original = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const tableOffset = Number(original.getBigUint64(headerOffsets.sectionOffset, header.littleEndian))

  out.set(bytes.subarray(0, RecordSize.FileHeader))
  view.setBigUint64(headerOffsets.sectionOffset, BigInt(headers), header.littleEndian)
  for (const section of sections) {
    const { index, offset, size, type } = section
    const at = headers + index * RecordSize.SectionHeader
    const from = tableOffset + index * RecordSize.SectionHeader
    out.set(bytes.subarray(from, from + RecordSize.SectionHeader), at)
    if (type === SectionType.Null) continue
    const place = places.offsets[index] ?? 0
    view.setBigUint64(at + sectionHeaderOffsets.offset, BigInt(place), header.littleEndian)
    if (dropped.has(section)) view.setBigUint64(at + sectionHeaderOffsets.size, 0n, header.littleEndian)
    else if (type !== SectionType.Nobits) out.set(bytes.subarray(offset, offset + size), place)
  }
  return out
}

function isDebug({ name, type, info }: ElfSection, sections: readonly ElfSection[]): boolean {
  if (type === SectionType.Rel || type === SectionType.Rela) return sections[info]?.name.startsWith('.debug_') === true
  return name.startsWith('.debug_')
}

/** Contents one after the other, behind the file header. */
function placeSections(sections: readonly ElfSection[], dropped: ReadonlySet<ElfSection>) {
  let end: number = RecordSize.FileHeader
  const offsets = sections.map(section => {
    const offset = align(end, Math.max(section.alignment, 1))
    if (section.type !== SectionType.Null && section.type !== SectionType.Nobits && !dropped.has(section)) end = offset + section.size
    return offset
  })
  return { offsets, end }
}

const align = (value: number, alignment: number): number => Math.ceil(value / alignment) * alignment
