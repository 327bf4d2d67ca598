import { type Btf, type BtfExt, parseBtf, parseBtfExt } from '@bpf/btf'
import { BpfError } from '@bpf/bytes'
import { type ElfFile, type ElfSymbol, SectionType, sectionData } from '@bpf/elf'
import { ObjectError } from '../object-error'
import { isExtern } from './extern-symbol'
import type { ObjectSection } from './object-file'

/** What an object's BTF sections hold; damaged ones are left out with a warning, if the object makes sense without. */
export interface BtfSections {
  readonly btf: Btf | undefined
  readonly btfExt: BtfExt | undefined
}

/** @throws ObjectError when BTF is missing or damaged, and maps, externs or struct_ops are defined by it */
export function readBtfSections(
  elf: ElfFile,
  sections: readonly ObjectSection[],
  symbols: readonly ElfSymbol[],
  warnings: string[],
): BtfSections {
  const need = whatNeedsBtf(sections, symbols)
  const read = <T>(section: ObjectSection | undefined, parse: (bytes: Uint8Array, context: string) => T): T | undefined => {
    if (section === undefined) return undefined
    try {
      return parse(sectionData(elf, section.elf), `section ${section.name}`)
    } catch (error) {
      if (!(error instanceof BpfError)) throw error
      if (need !== undefined) throw damaged(section, error, need)
      warnings.push(`${section.name} is ignored: ${error.message}`)
      return undefined
    }
  }
  const btf = read(findBytes(sections, 'btf'), (bytes, context) => parseBtf(bytes, { context }))
  if (btf === undefined) {
    if (need === undefined) return { btf: undefined, btfExt: undefined }
    const hint = 'Compile with -g. `llvm-strip -g` drops debug information and keeps .BTF; other ways to strip remove it.'
    throw new ObjectError('ERR_BPF_OBJECT_BTF_REQUIRED', `object has no .BTF, but ${need}`, { hint })
  }
  return { btf, btfExt: read(findBytes(sections, 'btfExt'), (bytes, context) => parseBtfExt(bytes, { btf, context })) }
}

function damaged(section: ObjectSection, cause: BpfError, need: string): ObjectError {
  const message = `${section.name} is damaged (${cause.message}), but ${need}`
  return new ObjectError('ERR_BPF_OBJECT_BTF_REQUIRED', message, { section: section.name, cause, hint: cause.hint })
}

function findBytes(sections: readonly ObjectSection[], role: 'btf' | 'btfExt'): ObjectSection | undefined {
  const section = sections.find(section => section.role === role)
  if (section !== undefined && section.elf.type !== SectionType.Progbits) {
    const message = `section ${section.name} is of type ${section.elf.type}, not PROGBITS`
    throw new ObjectError('ERR_BPF_OBJECT_BTF_REQUIRED', message, { section: section.name })
  }
  return section
}

/** What the object says in BTF only, as the end of a sentence. */
function whatNeedsBtf(sections: readonly ObjectSection[], symbols: readonly ElfSymbol[]): string | undefined {
  const section = sections.find(({ role }) => role === 'maps' || role === 'structOps')
  if (section !== undefined) return `section ${section.name} is defined by it`
  const symbol = symbols.find(isExtern)
  return symbol && `the type of extern "${symbol.name}" is in it`
}
