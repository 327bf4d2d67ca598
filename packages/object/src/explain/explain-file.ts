import { SectionType } from '@bpf/elf'
import { SLOT_SIZE } from '@bpf/insn'
import { AttachType } from '../constants/attach-type'
import { ProgType } from '../constants/prog-type'
import { type ObjectFile, type ObjectSection, openObject } from '../read/object-file'
import type { SectionRole } from '../read/section-role'
import type { ObjectSpec, ProgramSpec } from '../spec'
import { constantName } from './constant-names'
import type { FunctionStep, LicenseStep, OpenStep, SectionStep } from './step'

/** What reading the file finds. */
export function explainFile(bytes: Uint8Array, spec: ObjectSpec): (OpenStep | SectionStep | LicenseStep | FunctionStep)[] {
  const file = openObject(bytes)
  // Section 0 is what ELF calls the null section: it is in every file and says nothing.
  const sections = file.sections.filter(({ index }) => index > 0)
  return [
    {
      phase: 'read',
      kind: 'open',
      size: bytes.byteLength,
      littleEndian: file.littleEndian,
      sections: sections.length,
      symbols: file.symbols.length,
    },
    ...sections.map(section => explainSection(section, file, spec)),
    { phase: 'read', kind: 'license', license: spec.license, gplCompatible: isGplCompatible(spec.license), version: spec.version },
    ...spec.functions.map(({ name, section, offset, code, linkage }): FunctionStep => {
      const program = spec.programs.find(program => program.function === name)
      const slots = code.byteLength / SLOT_SIZE
      return { phase: 'read', kind: 'function', name, section, offset, slots, linkage, program: program && programFacts(program) }
    }),
  ]
}

function explainSection(section: ObjectSection, file: ObjectFile, spec: ObjectSpec): SectionStep {
  const { index, name, size, role } = section
  return { phase: 'read', kind: 'section', index, name, size, role, meaning: meaningOf(section, file, spec) }
}

const meaningOfRole: Readonly<Record<Exclude<SectionRole, 'code' | 'other'>, string>> = {
  license: 'the license, which decides what helpers may be called',
  version: 'the kernel version that kprobe programs had to name before Linux 5.0',
  maps: 'map definitions; what they say is in the BTF',
  legacyMaps: 'map definitions, a struct bpf_map_def each',
  data: 'global variables: becomes an array map of one element',
  rodata: 'constants: becomes an array map that is frozen before programs are loaded',
  bss: 'global variables that are zero at first: becomes an array map of one element',
  structOps: 'kernel interfaces implemented by programs of this object',
  arena: 'global variables that live in the arena',
  jumpTables: 'targets of indirect jumps',
  btf: 'type information: of maps, functions, variables, and of kernel types that programs use',
  btfExt: 'source lines, functions and CO-RE relocations, by instruction',
  unknownData: 'bytes that no rule knows; a map if a program refers to them',
}

function meaningOf(section: ObjectSection, file: ObjectFile, spec: ObjectSpec): string {
  if (section.role === 'code') return meaningOfCode(section.name, spec)
  if (section.role !== 'other') return meaningOfRole[section.role]
  const { type, info } = section.elf
  switch (type) {
    case SectionType.Rel:
    case SectionType.Rela:
      return meaningOfRelocations(file.sections[info])
    case SectionType.Symtab:
      return 'symbols: names and places of functions, maps and variables'
    case SectionType.Strtab:
      return 'names of sections and symbols'
    default:
      return 'not needed for loading'
  }
}

function meaningOfRelocations(target: ObjectSection | undefined): string {
  if (target?.role === 'code') return `what instructions of section ${target.index} refer to`
  if (target?.role === 'maps' || target?.role === 'structOps' || target?.role === 'jumpTables')
    return `what values in section ${target.index} point to`
  return `relocations of section ${target?.index ?? '?'}, for debuggers`
}

function meaningOfCode(name: string, spec: ObjectSpec): string {
  const programs = spec.programs.filter(program => program.section === name)
  const [first] = programs
  if (first === undefined) return 'functions that programs call'
  const names = programs.map(program => program.name).join(', ')
  const type = first.type === 0 ? 'of a type that the section does not tell' : `of type ${programFacts(first).type}`
  const rule = first.pattern === undefined ? '' : ` (rule "${first.pattern}"${first.looseSection ? ' of old loaders' : ''})`
  return `${programs.length === 1 ? `program ${names}` : `programs ${names}`} ${type}${rule}`
}

function programFacts({ name, type, expectedAttachType }: ProgramSpec) {
  return {
    name,
    type: constantName(ProgType, type, 'BPF_PROG_TYPE_'),
    attachType: expectedAttachType === 0 ? undefined : constantName(AttachType, expectedAttachType, 'BPF_'),
  }
}

/** `license_is_gpl_compatible()` of include/linux/license.h. */
const gplCompatible = ['GPL', 'GPL v2', 'GPL and additional rights', 'Dual BSD/GPL', 'Dual MIT/GPL', 'Dual MPL/GPL']

function isGplCompatible(license: string): boolean {
  return gplCompatible.includes(license)
}
