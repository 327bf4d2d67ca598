import { type ElfSection, SectionFlag, SectionType } from '@bpf/elf'

/** What a section of an object is for. */
export type SectionRole =
  /** Programs and functions. */
  | 'code'
  | 'license'
  | 'version'
  /** `.maps`: definitions in BTF. */
  | 'maps'
  /** `maps`, `maps/NAME`, `lirc_mode2/maps`: definitions as `struct bpf_map_def`. */
  | 'legacyMaps'
  | 'data'
  | 'rodata'
  | 'bss'
  /** Variables whose structs hold pointers to programs. */
  | 'structOps'
  /** Global variables that live in the object's arena. */
  | 'arena'
  | 'jumpTables'
  | 'btf'
  | 'btfExt'
  /** Bytes that no rule knows. A program that refers to them makes them a data map. */
  | 'unknownData'
  | 'other'

const roleOfName: readonly (readonly [RegExp, SectionRole])[] = [
  [/^license$/, 'license'],
  [/^version$/, 'version'],
  [/^\.maps$/, 'maps'],
  [/^(.+\/)?maps(\/.+)?$/, 'legacyMaps'],
  [/^\.data(\.|$)/, 'data'],
  [/^\.rodata(\.|$)/, 'rodata'],
  [/^\.bss(\.|$)/, 'bss'],
  [/^\??\.struct_ops(\.link)?$/, 'structOps'],
  [/^\.addr_space\.1$/, 'arena'],
  [/^\.jumptables$/, 'jumpTables'],
  [/^\.BTF$/, 'btf'],
  [/^\.BTF\.ext$/, 'btfExt'],
  [/^\.debug_/, 'other'],
]

/** Symbol tables, relocations, `.llvm_addrsig` and the like have types of their own. */
const holdsBytes: ReadonlySet<number> = new Set([SectionType.Progbits, SectionType.Nobits])

export function sectionRole(section: ElfSection): SectionRole {
  const named = roleOfName.find(([pattern]) => pattern.test(section.name))?.[1]
  // Recognised whatever their type is, so that a wrong type can be complained about.
  if (named === 'btf' || named === 'btfExt') return named
  if (!holdsBytes.has(section.type)) return 'other'
  if ((section.flags & SectionFlag.ExecInstr) !== 0) return section.type === SectionType.Progbits && section.size > 0 ? 'code' : 'other'
  return named ?? ((section.flags & SectionFlag.Alloc) !== 0 ? 'unknownData' : 'other')
}
