import type { MapSpec, ObjectSpec } from '@bpf/object'
import type { BaselineEntry, OpenMap, OpenProgram } from './baseline'
import { compareNamed, type Fact } from './difference'

/** What reading the object gave, against what libbpf saw before loading. */
export function compareOpen(entry: BaselineEntry, spec: ObjectSpec): Fact[] {
  return [
    ...compareNamed('program', entry.open.programs, programsOf(spec), ['section', 'type', 'expected_attach_type', 'autoload', 'insn_cnt']),
    ...compareNamed('map', entry.open.maps, mapsOf(spec, entry.open.maps), mapFacts),
  ]
}

export const mapFacts = ['type', 'key_size', 'value_size', 'max_entries', 'flags'] as const

function programsOf(spec: ObjectSpec): OpenProgram[] {
  const sizes = new Map(spec.functions.map(f => [f.name, f.code.byteLength / 8]))
  return spec.programs.map(program => ({
    name: program.name,
    // libbpf keeps what `?` said in `autoload`.
    section: program.section.replace(/^\?/, ''),
    type: program.type,
    expected_attach_type: program.expectedAttachType,
    autoload: program.autoLoad,
    insn_cnt: sizes.get(program.function) ?? 0,
  }))
}

function mapsOf(spec: ObjectSpec, expected: readonly OpenMap[]): OpenMap[] {
  return spec.maps.map(map => ({
    name: nameInBaseline(map, expected),
    type: map.type,
    key_size: map.keySize,
    value_size: map.valueSize,
    max_entries: map.maxEntries,
    flags: map.flags,
  }))
}

/** libbpf calls the map of a data section by its kernel name, `execsnoo.rodata`; we by the section, `.rodata`. */
export function nameInBaseline(map: Pick<MapSpec, 'name' | 'origin'>, expected: readonly OpenMap[]): string {
  if (map.origin.kind !== 'data') return map.name
  const { section } = map.origin
  const exact = expected.find(other => other.name === section || suffix(other.name) === section)
  const match = exact ?? expected.find(other => isCutOff(other.name, section))
  return match?.name ?? map.name
}

function suffix(name: string): string {
  const dot = name.indexOf('.', 1)
  return dot === -1 ? '' : name.slice(dot)
}

/** Kernel names keep at most 15 bytes: a long section name is cut off at the end. */
function isCutOff(name: string, section: string): boolean {
  return name.length === 15 && section.startsWith(suffix(name) || name)
}
