import { Cursor, fits } from '@bpf/bytes'
import { SectionType } from './constants'
import { cutShort, ElfError } from './errors'
import { RecordSize, type TableLocations } from './header'
import { StringTable } from './string-table'
import type { ElfSection } from './types'

/** `e_shstrndx` of a file whose real value is in `link` of section 0. */
const namesIndexEscape = 0xffff

/** `sh_name` until the string table is known. */
type UnnamedSection = Omit<ElfSection, 'name'> & { readonly nameOffset: number }

/**
 * Reads the section headers (`Elf64_Shdr`).
 *
 * Files with 0xff00 sections or more put the count into `size` and the index of the name table into `link` of section 0.
 * @throws ElfError, UnsafeIntegerError
 */
export function parseSections(bytes: Uint8Array, littleEndian: boolean, tables: TableLocations): ElfSection[] {
  if (tables.sectionOffset === 0) return []
  if (tables.sectionEntrySize !== RecordSize.SectionHeader) {
    throw error(`section headers of ${tables.sectionEntrySize} bytes, must be ${RecordSize.SectionHeader}`, tables.sectionOffset)
  }
  const headers = (count: number) => sectionHeaders(bytes, littleEndian, tables.sectionOffset, count)
  const [first] = tables.sectionCount === 0 || tables.sectionNamesIndex === namesIndexEscape ? headers(1) : []
  const count = tables.sectionCount === 0 ? (first?.size ?? 0) : tables.sectionCount
  const namesIndex = tables.sectionNamesIndex === namesIndexEscape ? (first?.link ?? 0) : tables.sectionNamesIndex
  const unnamed = headers(count)
  const names = nameTable(bytes, unnamed, namesIndex)
  return unnamed.map(({ nameOffset, ...section }) => ({ ...section, name: names?.get(nameOffset) ?? '' }))
}

/** `info` of section 0 holds the number of program headers when the file header's field is 0xffff. */
export function escapedSegmentCount(sections: readonly ElfSection[], count: number): number {
  return count === 0xffff ? (sections[0]?.info ?? count) : count
}

function sectionHeaders(bytes: Uint8Array, littleEndian: boolean, offset: number, count: number): UnnamedSection[] {
  if (!fits(offset, count * RecordSize.SectionHeader, bytes.length)) {
    throw error(
      `${count} section headers at 0x${offset.toString(16)} are past the end of the file (${bytes.length} bytes)`,
      offset,
      cutShort,
    )
  }
  const c = new Cursor(bytes, { littleEndian, context: 'section headers' }).seek(offset)
  return Array.from({ length: count }, (_, index) => sectionHeader(c, index))
}

function sectionHeader(c: Cursor, index: number): UnnamedSection {
  const nameOffset = c.u32()
  const type = c.u32()
  return {
    nameOffset,
    index,
    type,
    flags: lowHalf(c),
    address: c.u64(),
    offset: c.size64(),
    size: c.size64(),
    link: c.u32(),
    info: c.u32(),
    alignment: c.size64(),
    entrySize: c.size64(),
  }
}

function lowHalf(c: Cursor): number {
  return Number(c.u64() & 0xffff_ffffn)
}

function nameTable(bytes: Uint8Array, sections: readonly UnnamedSection[], index: number): StringTable | undefined {
  if (index === 0) return undefined
  const section = sections[index]
  if (section === undefined) throw error(`section names are in section ${index}, but there are only ${sections.length}`, undefined)
  const { type, offset, size } = section
  if (type !== SectionType.Strtab) throw error(`section ${index} should hold the section names but is no string table`, offset)
  if (!fits(offset, size, bytes.length)) {
    throw error(`the section names (${size} bytes at 0x${offset.toString(16)}) are past the end of the file`, offset, cutShort)
  }
  return new StringTable(bytes.subarray(offset, offset + size), 'the section names', offset)
}

function error(message: string, offset: number | undefined, hint?: string): ElfError {
  return new ElfError('ERR_BPF_ELF_SECTION', message, { offset, hint })
}
