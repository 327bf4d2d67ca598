import { programTag } from '@bpf/insn'
import { type BpfObject, LoadError, type LoadedObject, VerifierError } from '@bpf/loader'
import { type MapSpec, MapType, newMap, type ProgramPlan } from '@bpf/object'
import { infoLayouts, objGetInfo } from '@bpf/sys'
import type { BaselineEntry, LoadedProgramFacts, MapFix, OpenMap } from './baseline'
import { mapFacts, nameInBaseline } from './compare-open'
import { compareNamed, type Fact } from './difference'
import { equalButForTypeIds } from './renumber'

/** Loads the whole object and compares what came of it. @throws BpfError if it does not load, RefusedHere if that is not our doing */
export function compareWhole(entry: BaselineEntry, object: BpfObject): Fact[] {
  using loaded = load(object, entry.load.programs)
  return [
    ...compareNamed('program', entry.load.programs, factsOf(loaded, entry.load.programs), ['tag', 'xlated']),
    ...compareNamed('map', entry.load.maps, mapsOf(object, loaded, entry.load.maps), mapFacts),
  ]
}

/** Loads one program with all others off. @throws BpfError if it does not load, RefusedHere if that is not our doing */
export function compareAlone(expected: LoadedProgramFacts, object: BpfObject): Fact[] {
  using loaded = load(object.only(expected.name), [expected])
  // Programs of a struct_ops map come along with each other; the baseline tells only of the one.
  const facts = factsOf(loaded, [expected]).filter(program => program.name === expected.name)
  return compareNamed('program', [expected], facts, ['tag', 'xlated'])
}

/** This kernel refuses a program that the baseline's kernel took from libbpf, of the same instructions. */
export class RefusedHere extends Error {
  constructor(cause: unknown) {
    super('refused by this kernel', { cause })
  }
}

function load(object: BpfObject, expected: readonly LoadedProgramFacts[]): LoadedObject {
  try {
    return object.load()
  } catch (error) {
    const isRefusal = error instanceof VerifierError || (error instanceof LoadError && error.stage === 'program')
    throw isRefusal && plansTheSame(object, expected) ? new RefusedHere(error) : error
  }
}

/** Whether the plan has the instructions that libbpf loaded, by the tags that the baseline's kernel gave them. */
function plansTheSame(object: BpfObject, expected: readonly LoadedProgramFacts[]): boolean {
  const planned = new Map(object.plan().programs.map(program => [program.name, program]))
  return expected.every(({ name, tag }) => {
    const program = planned.get(name)
    return tag !== null && program !== undefined && program.error === undefined && hasTag(program, tag)
  })
}

function hasTag(program: ProgramPlan, tag: string): boolean {
  return programTag(program.code, { littleEndian: true }) === tag || equalButForTypeIds(program, tag)
}

/** Changes maps as the program that owns the object would. */
export function applyFixes(object: BpfObject, fixes: readonly MapFix[]): void {
  for (const fix of fixes) {
    const map = object.spec.maps.find(m => nameInBaseline(m, [{ name: fix.map, internal: true } as OpenMap]) === fix.map)
    if (map === undefined) continue
    if (fix.max_entries !== undefined) map.maxEntries = fix.max_entries
    if (fix.value_size !== undefined) map.valueSize = fix.value_size
    if (fix.inner_array_4_4 !== undefined) map.inner = innerArray(map.name)
  }
}

/** Behind a tag that would be the expected one if the kernel numbered its types as the baseline's did. */
export const RENUMBERED = ' (equal but for type ids)'

function factsOf(loaded: LoadedObject, expected: readonly LoadedProgramFacts[]): LoadedProgramFacts[] {
  return [...loaded.programs.values()].map(program => {
    const { tag, xlatedBytes } = program.info()
    const wanted = expected.find(other => other.name === program.name)?.tag
    const renumbered = wanted != null && wanted !== tag && equalButForTypeIds(program.plan, wanted)
    return { name: program.name, tag: renumbered ? `${tag}${RENUMBERED}` : tag, xlated: xlatedBytes }
  })
}

/** As the kernel reports them: it adds flags of its own to some types. */
function mapsOf(object: BpfObject, loaded: LoadedObject, expected: readonly OpenMap[]): OpenMap[] {
  return [...loaded.maps.values()].flatMap(({ name, fd }) => {
    const spec = object.spec.maps.find(m => m.name === name)
    if (spec === undefined) return []
    const info = objGetInfo(object.context.sys, fd, infoLayouts.mapInfo, {})
    return [
      {
        name: nameInBaseline(spec, expected),
        type: info.type,
        key_size: info.keySize,
        value_size: info.valueSize,
        max_entries: info.maxEntries,
        flags: info.mapFlags,
      },
    ]
  })
}

/** Template of an inner map: an array of one value of 4 bytes. */
function innerArray(outer: string): MapSpec {
  return newMap(`${outer}.inner`, { type: MapType.Array, keySize: 4, valueSize: 4, maxEntries: 1 })
}
