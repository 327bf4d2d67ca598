import type { MapSpec, ObjectSpec, VariableSpec } from '../spec'
import { type Arena, readArena } from './arena'
import { type PlacedMap, readBtfMaps } from './btf-maps'
import { type DataMap, readDataMaps } from './data-maps'
import { dataSectionLayouts } from './datasec'
import { kconfigMap, readExterns } from './externs'
import { FunctionIndex } from './function-index'
import { functionSpecs } from './function-specs'
import { findFunctions } from './functions'
import { readJumpTables } from './jump-tables'
import { readLegacyMaps } from './legacy-maps'
import { readLicense, readVersion } from './license'
import { refuseSameNames } from './map-name-check'
import { readMapSlots } from './map-slots'
import { type ObjectFile, type ObjectSection, openObject } from './object-file'
import { entryPrograms } from './programs'
import { readReferences, referencedSections } from './references'
import { bindStructOps, readStructOps } from './struct-ops'
import { readVariables } from './variables'

export interface ReadObjectOptions {
  /** The object's name, by convention that of the file without directory and extension. It begins the names of its data maps. */
  readonly name?: string
  /** Pass over attributes of map definitions that are unknown, instead of refusing them. */
  readonly relaxedMaps?: boolean
}

/**
 * Reads a compiled BPF object, of either byte order and from any compiler: what `clang -target bpf -c` makes.
 *
 * The result shares memory with `bytes` (functions' code), which must not change while it is in use.
 * @throws ElfError, BtfError, ObjectError
 */
export function readObject(bytes: Uint8Array, options: ReadObjectOptions = {}): ObjectSpec {
  const { name = 'object', relaxedMaps = false } = options
  const file = openObject(bytes)
  const placed = [...readLegacyMaps(file), ...readBtfMaps(file, relaxedMaps)]
  const arena = readArena(file, placed)
  const data = readDataMaps(file, referencedSections(file))
  const { externs, names: externNames } = readExterns(file)
  const structOps = readStructOps(file)
  const maps = [...placed, ...data, ...structOps].map(({ map }) => map)
  maps.splice(placed.length + data.length, 0, ...kconfigMap(file, externs))
  refuseSameNames(maps)
  const jumpTables = readJumpTables(file)

  const ranges = findFunctions(file)
  const index = new FunctionIndex(ranges)
  const references = readReferences(file, {
    functions: index,
    externs: externNames,
    mapAt: mapFinder(placed),
    dataMapOf: dataMapFinder(data, arena),
    jumpTableAt: offset => jumpTables.find(table => table.offset <= offset && offset < table.offset + table.entries.length * 8),
  })
  const functions = functionSpecs(file, ranges, index, references)
  const programs = entryPrograms(functions, file.warnings)
  readMapSlots(file, placed, index, programs)
  return {
    name,
    littleEndian: file.littleEndian,
    license: readLicense(file),
    version: readVersion(file),
    maps,
    programs,
    functions,
    variables: variablesOf(file, data, arena),
    externs,
    structOps: bindStructOps(file, structOps, index, programs),
    jumpTables,
    dataSections: dataSectionLayouts(file),
    btf: file.btf,
    btfExt: file.btfExt,
    warnings: file.warnings,
  }
}

function mapFinder(placed: readonly PlacedMap[]): (section: ObjectSection, offset: number) => string | undefined {
  const byPlace = new Map(placed.map(({ section, offset, map }) => [`${section.index}:${offset}`, map.name]))
  return (section, offset) => byPlace.get(`${section.index}:${offset}`)
}

function dataMapFinder(data: readonly DataMap[], arena: Arena | undefined): (section: ObjectSection) => string | undefined {
  const bySection = new Map<ObjectSection, MapSpec>([...data, ...(arena ? [arena] : [])].map(({ section, map }) => [section, map]))
  return section => bySection.get(section)?.name
}

function variablesOf(file: ObjectFile, data: readonly DataMap[], arena: Arena | undefined): VariableSpec[] {
  return [...data, ...(arena ? [arena] : [])].flatMap(({ section, map }) => readVariables(file, section, map.name))
}
