import { type Btf, type CompositeType, resolve } from '@bpf/btf'
import { fits } from '@bpf/bytes'
import { type ElfRelocation, readRelocations } from '@bpf/elf'
import { MapFlag } from '../constants/flags'
import { MapType } from '../constants/map-type'
import { ProgType } from '../constants/prog-type'
import { newMap } from '../new-map'
import { ObjectError, place } from '../object-error'
import type { MapSpec, ProgramSpec, StructOpsSpec } from '../spec'
import { datasecVariables, findDatasec } from './datasec'
import type { FunctionIndex } from './function-index'
import { contentsOf, type ObjectFile, type ObjectSection, sectionsWithRole } from './object-file'
import { dataAddend, relocationSections } from './relocation-sections'

/** A variable of a `.struct_ops` section, before it is known which programs it points to. */
export interface StructOpsVariable {
  readonly map: MapSpec
  readonly section: ObjectSection
  /** Bytes from the start of the section. */
  readonly offset: number
  readonly type: CompositeType
}

/** The variables of all struct_ops sections; each becomes a map. @throws ObjectError, ElfError, BtfError */
export function readStructOps(file: ObjectFile): StructOpsVariable[] {
  const { btf } = file
  if (btf === undefined) return []
  return sectionsWithRole(file, 'structOps').flatMap(section => {
    if (section.size === 0) return []
    const datasec = findDatasec(btf, section.name)
    if (datasec === undefined) throw structOpsError(`BTF has no DATASEC ${section.name}`, section, 0)
    const { length } = contentsOf(file, section)
    let end = 0
    return datasecVariables(btf, datasec, section).map(({ variable, name, offset = 0 }) => {
      const type = structOf(btf, section, name, variable.type, offset)
      if (!fits(offset, type.size, length)) throw structOpsError(`variable "${name}" is past the end of its section`, section, offset, name)
      if (offset < end) throw structOpsError(`variable "${name}" overlaps the one before it`, section, offset, name)
      end = offset + type.size
      return { map: structOpsMap(name, section, type), section, offset, type }
    })
  })
}

/**
 * What each variable is made of: its bytes, and the programs that its function pointers name.
 * @throws ObjectError for a pointer to anything but a struct_ops program
 */
export function bindStructOps(
  file: ObjectFile,
  variables: readonly StructOpsVariable[],
  functions: FunctionIndex,
  programs: readonly ProgramSpec[],
): StructOpsSpec[] {
  const structOps = new Map(programs.filter(({ type }) => type === ProgType.StructOps).map(program => [program.function, program.name]))
  const bindings = new Map(variables.map(variable => [variable, [] as StructOpsSpec['programs'][number][]]))
  for (const { section, target } of relocationSections(file, 'structOps')) {
    for (const relocation of readRelocations(file.elf, section)) {
      const variable = variables.find(({ section, offset, type }) => section === target && fits(relocation.offset - offset, 8, type.size))
      if (variable === undefined) throw structOpsError('relocation is in no variable', target, relocation.offset)
      bindings.get(variable)?.push(bind(file, variable, relocation, functions, structOps))
    }
  }
  return variables.map(variable => {
    const { map, section, offset, type } = variable
    return {
      map: map.name,
      typeId: type.id,
      typeName: type.name,
      link: section.name.endsWith('.link'),
      contents: contentsOf(file, section).slice(offset, offset + type.size),
      programs: bindings.get(variable) ?? [],
    }
  })
}

function bind(
  file: ObjectFile,
  { section, offset, type, map }: StructOpsVariable,
  relocation: ElfRelocation,
  functions: FunctionIndex,
  programs: ReadonlyMap<string, string>,
): StructOpsSpec['programs'][number] {
  const memberIndex = type.members.findIndex(({ bitOffset }) => bitOffset === (relocation.offset - offset) * 8)
  const member = type.members[memberIndex]
  const fail = (cause: string) =>
    structOpsError(`variable "${map.name}"${member ? `, member ${member.name}` : ''}: ${cause}`, section, relocation.offset, map.name)
  if (member === undefined) throw fail('a relocation is at no member')
  if (!isFunctionPointer(file.btf, member.type)) throw fail('a relocation is at a member that is no function pointer')
  const symbol = file.symbols[relocation.symbolIndex]
  const addend = dataAddend(contentsOf(file, section), relocation, file.littleEndian)
  const pointee = symbol && functions.at(symbol.sectionIndex, Number(symbol.value) + addend)
  const program = pointee && programs.get(pointee.range.name)
  if (program === undefined) throw fail(`it points to "${symbol?.name || '?'}", which is no program in a section struct_ops`)
  return { member: member.name, memberIndex, program }
}

function structOf(btf: Btf, section: ObjectSection, name: string, typeId: number, offset: number): CompositeType {
  const type = resolve(btf, typeId)
  if (type.kind !== 'struct') throw structOpsError(`variable "${name}" is of kind ${type.kind}, not a struct`, section, offset, name)
  if (type.name === '')
    throw structOpsError(`variable "${name}" is of a struct without a name, which no kernel struct can be`, section, offset, name)
  return type
}

function structOpsMap(name: string, section: ObjectSection, type: CompositeType): MapSpec {
  return newMap(name, {
    type: MapType.StructOps,
    keySize: 4,
    valueSize: type.size,
    maxEntries: 1,
    flags: section.name.endsWith('.link') ? MapFlag.Link : 0,
    valueTypeId: type.id,
    autoCreate: !section.name.startsWith('?'),
    origin: { kind: 'structOps', variable: name },
  })
}

function isFunctionPointer(btf: Btf | undefined, typeId: number): boolean {
  if (btf === undefined) return false
  const pointer = resolve(btf, typeId)
  return pointer.kind === 'ptr' && resolve(btf, pointer.type).kind === 'funcProto'
}

function structOpsError(cause: string, { name: section }: ObjectSection, offset: number, symbol?: string): ObjectError {
  return new ObjectError('ERR_BPF_OBJECT_STRUCT_OPS', `${place(section, offset)}: ${cause}`, { section, offset, symbol })
}
