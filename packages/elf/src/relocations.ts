import { Cursor } from '@bpf/bytes'
import { SectionType } from './constants'
import { ElfError } from './errors'
import { RecordSize } from './header'
import { describe, sectionData } from './section-data'
import type { ElfFile, ElfRelocation, ElfSection } from './types'

const entrySizes: ReadonlyMap<number, number> = new Map([
  [SectionType.Rel, RecordSize.Rel],
  [SectionType.Rela, RecordSize.Rela],
])

/** The relocations of a REL or RELA section, in file order. @throws ElfError, UnsafeIntegerError */
export function readRelocations(elf: ElfFile, section: ElfSection): ElfRelocation[] {
  const entrySize = entrySizes.get(section.type)
  if (entrySize === undefined) throw error(section, `section type ${section.type} holds no relocations`)
  if (section.entrySize !== entrySize) throw error(section, `entries of ${section.entrySize} bytes, must be ${entrySize}`)
  const data = sectionData(elf, section)
  if (data.length % entrySize !== 0) throw error(section, `${data.length} bytes is not a whole number of relocations`)

  const c = new Cursor(data, { littleEndian: elf.header.littleEndian, context: `section ${describe(section)}` })
  return Array.from({ length: data.length / entrySize }, () => relocation(c, section.type === SectionType.Rela))
}

function relocation(c: Cursor, explicitAddend: boolean): ElfRelocation {
  const offset = c.size64()
  const info = c.u64()
  return {
    offset,
    symbolIndex: Number(info >> 32n),
    type: Number(info & 0xffff_ffffn),
    addend: explicitAddend ? BigInt.asIntN(64, c.u64()) : undefined,
  }
}

function error(section: ElfSection, message: string): ElfError {
  const { name, offset } = section
  return new ElfError('ERR_BPF_ELF_RELOCATION', `${describe(section)}: ${message}`, { section: name, offset })
}
