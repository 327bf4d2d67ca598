import { type ElfRelocation, type ElfSection, SectionType } from '@bpf/elf'
import { ObjectError } from '../object-error'
import type { ObjectFile, ObjectSection } from './object-file'
import type { SectionRole } from './section-role'

/** A section of relocations, and the section that they change. */
export interface RelocationSection {
  readonly section: ElfSection
  readonly target: ObjectSection
}

/** The relocation sections whose target has a role. Those of debugging sections, for example, are nobody's concern. @throws ObjectError */
export function relocationSections(file: ObjectFile, role: SectionRole): RelocationSection[] {
  return file.sections.flatMap(({ elf: section }) => {
    if (section.type !== SectionType.Rel && section.type !== SectionType.Rela) return []
    const target = file.sections[section.info]
    if (target === undefined) {
      const message = `section ${section.name} relocates section ${section.info}, which does not exist`
      throw new ObjectError('ERR_BPF_OBJECT_RELOCATION', message, { section: section.name })
    }
    return target.role === role ? [{ section, target }] : []
  })
}

/** What a relocation of data adds to the symbol's value: explicit in RELA, and else in the 8 bytes that it changes. */
export function dataAddend(bytes: Uint8Array, { offset, addend }: ElfRelocation, littleEndian: boolean): number {
  if (addend !== undefined) return Number(addend)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return offset + 8 <= bytes.length ? Number(view.getBigInt64(offset, littleEndian)) : 0
}
