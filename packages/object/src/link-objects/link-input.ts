import { SectionType } from '@bpf/elf'
import { contentsOf, type ObjectFile, type ObjectSection, openObject } from '../read/object-file'
import { blaming, linkError } from './link-error'

/** An object to be linked. */
export interface LinkInput {
  /** Named in errors, e.g. `filter.o`. */
  readonly name: string
  readonly file: ObjectFile
  /** The sections that become part of the output. */
  readonly sections: readonly ObjectSection[]
}

/** What the output has anew, or can do without. */
const leftOut: ReadonlySet<number> = new Set([
  SectionType.Null,
  SectionType.Symtab,
  SectionType.Strtab,
  SectionType.Rel,
  SectionType.LlvmAddrsig,
])

/** Sections with a larger alignment than the largest page would only be padding. */
const MAX_ALIGNMENT = 65536

/** @throws ObjectError */
export function openInput(name: string, bytes: Uint8Array): LinkInput {
  const file = blaming(name, () => openObject(bytes))
  const sections = file.sections.filter(section => isLinked(section))
  for (const section of sections) checkSection(name, section)
  checkContents(name, file, sections)
  return { name, file, sections }
}

function isLinked({ name, role, size, elf }: ObjectSection): boolean {
  const isDebug = name.startsWith('.debug_') || name.startsWith('.rel.debug_') || name.startsWith('.rela.debug_')
  return !leftOut.has(elf.type) && role !== 'btf' && role !== 'btfExt' && !isDebug && !(name === '.text' && size === 0)
}

function checkSection(object: string, { name, elf }: ObjectSection): void {
  const where = { section: name }
  if (elf.type !== SectionType.Progbits && elf.type !== SectionType.Nobits) {
    throw linkError(object, `section ${name} is of type ${elf.type}, which is not linked`, where)
  }
  const { alignment } = elf
  const isPowerOfTwo = Number.isInteger(Math.log2(Math.max(alignment, 1)))
  if (!isPowerOfTwo || alignment > MAX_ALIGNMENT) throw linkError(object, `section ${name} has an alignment of ${alignment} bytes`, where)
}

/** Sections that share bytes would multiply the file. */
function checkContents(object: string, file: ObjectFile, sections: readonly ObjectSection[]): void {
  const total = blaming(object, () => sections.reduce((sum, section) => sum + contentsOf(file, section).length, 0))
  if (total > file.elf.bytes.length) throw linkError(object, 'sections share their bytes')
}
