import { type ElfRelocation, readRelocations } from '@bpf/elf'
import { isMapInMap, MapType } from '../constants/map-type'
import { ObjectError, place } from '../object-error'
import type { ProgramSpec } from '../spec'
import type { PlacedMap } from './btf-maps'
import type { FunctionIndex } from './function-index'
import { contentsOf, type ObjectFile, sectionOf } from './object-file'
import { dataAddend, relocationSections } from './relocation-sections'

/** Bytes of a slot of `values`: a pointer of the BPF target. */
const SLOT_BYTES = 8

/**
 * Fills the initial slots of maps of maps and program arrays: `.maps` has a relocation for each element of `values`.
 * @throws ObjectError, ElfError
 */
export function readMapSlots(
  file: ObjectFile,
  maps: readonly PlacedMap[],
  functions: FunctionIndex,
  programs: readonly ProgramSpec[],
): void {
  const programOf = new Map(programs.map(program => [program.function, program.name]))
  for (const { section } of relocationSections(file, 'maps')) {
    for (const relocation of readRelocations(file.elf, section)) readSlot(file, maps, functions, programOf, relocation)
  }
  for (const { map } of maps) map.slots.sort((a, b) => a.index - b.index)
}

function readSlot(
  file: ObjectFile,
  maps: readonly PlacedMap[],
  functions: FunctionIndex,
  programOf: ReadonlyMap<string, string>,
  relocation: ElfRelocation,
): void {
  const outer = maps.find(({ offset, size }) => offset <= relocation.offset && relocation.offset + SLOT_BYTES <= offset + size)
  const fail = (cause: string) => slotError(outer, relocation.offset, cause)
  if (outer === undefined) throw fail('there is no map here')
  const { map, valuesOffset, section } = outer
  if (valuesOffset === undefined) throw fail('only attribute `values` can be initialised')
  const index = (relocation.offset - outer.offset - valuesOffset) / SLOT_BYTES
  if (!Number.isInteger(index) || index < 0) throw fail('it is not at an element of `values`')
  const symbol = file.symbols[relocation.symbolIndex]
  const defining = symbol && sectionOf(file, symbol)
  if (symbol === undefined || defining === undefined) throw fail(`symbol ${relocation.symbolIndex} is not defined`)
  const value = Number(symbol.value) + dataAddend(contentsOf(file, section), relocation, file.littleEndian)
  if (isMapInMap(map.type)) {
    const inner = maps.find(({ section, offset }) => section === defining && offset === value)
    if (inner === undefined) throw fail(`"${symbol.name}" is no map of section .maps`)
    if (map.type === MapType.HashOfMaps && map.keySize !== 4) throw fail(`slots need keys of 4 bytes, these have ${map.keySize}`)
    map.slots.push({ index, kind: 'map', name: inner.map.name })
  } else {
    const pointee = functions.at(defining.index, value)
    const program = pointee?.offset === 0 ? programOf.get(pointee.range.name) : undefined
    if (program === undefined) throw fail(`"${symbol.name}" is no program that can be called by itself`)
    map.slots.push({ index, kind: 'program', name: program })
  }
}

function slotError(outer: PlacedMap | undefined, offset: number, cause: string): ObjectError {
  const message = `${outer ? `map "${outer.map.name}"` : 'initial value'} at ${place('.maps', offset)}: ${cause}`
  return new ObjectError('ERR_BPF_OBJECT_MAP_SLOT', message, { section: '.maps', offset, symbol: outer?.map.name })
}
