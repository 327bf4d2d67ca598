import { type Btf, sizeOf, type TypeId } from '@bpf/btf'
import { Cursor } from '@bpf/bytes'
import type { ElfSymbol } from '@bpf/elf'
import { MapFlag } from '../constants/flags'
import { isMapInMap, MapType } from '../constants/map-type'
import { newMap } from '../new-map'
import { ObjectError, place } from '../object-error'
import type { MapSpec } from '../spec'
import type { PlacedMap } from './btf-maps'
import { contentsOf, type ObjectFile, type ObjectSection, sectionsWithRole } from './object-file'

/**
 * Definitions from before BTF: variables of `struct bpf_map_def` (type, key_size, value_size, max_entries, map_flags, each
 * 32 bits) in a section `maps`, or one to a section in `maps/NAME`. Before Linux 4.6 it had no flags: what is missing is zero.
 * A longer one may have what some loader added, if it is known here or zero.
 */
const KNOWN_SIZE = 20
const SMALLEST_SIZE = 16

/** What loaders put behind the five fields that all share. */
interface Tail {
  readonly id?: number
  readonly pinning?: number
  readonly innerId?: number
  /** iproute2: the slot that this map takes in the maps whose inner map it is. Kernel samples: which map is the template. */
  readonly innerIndex?: number
  readonly numaNode?: number
}

interface LegacyMap extends PlacedMap {
  readonly tail: Tail
}

/** The maps of all legacy sections, by section and offset. @throws ObjectError */
export function readLegacyMaps(file: ObjectFile): PlacedMap[] {
  return sectionsWithRole(file, 'legacyMaps').flatMap(section => {
    const bytes = contentsOf(file, section)
    const maps = definitionsOf(section, bytes.length).map(symbol => readDefinition(file, section, bytes, symbol))
    for (const { map, tail } of maps) nest(map, tail, maps)
    return maps
  })
}

interface DefinitionSymbol {
  readonly name: string
  readonly offset: number
  readonly size: number
}

/** Where the definitions of a section are: symbols without a size share the section evenly. */
function definitionsOf({ symbols, name }: ObjectSection, size: number): DefinitionSymbol[] {
  const share = symbols.length === 0 ? 0 : size / symbols.length
  const definitions = symbols.map((symbol: ElfSymbol) => ({
    name: symbol.name,
    offset: Number(symbol.value),
    size: Number(symbol.size) || share,
  }))
  const wrong = definitions.find(({ offset, size: bytes }) => !Number.isInteger(bytes) || bytes < SMALLEST_SIZE || offset + bytes > size)
  if (symbols.length === 0 || wrong !== undefined) {
    const message = `cannot tell where the map definitions are in section ${name} (${size} bytes, ${symbols.length} symbols)`
    throw new ObjectError('ERR_BPF_OBJECT_MAP', message, { section: name, offset: wrong?.offset, symbol: wrong?.name })
  }
  return definitions
}

function readDefinition(file: ObjectFile, section: ObjectSection, contents: Uint8Array, symbol: DefinitionSymbol): LegacyMap {
  const { name, offset, size } = symbol
  const bytes = contents.subarray(offset, offset + size)
  const c = new Cursor(size < KNOWN_SIZE ? zeroFilled(bytes) : bytes, { littleEndian: file.littleEndian, context: `map "${name}"` })
  const [type, keySize, valueSize, maxEntries, flags] = [c.u32(), c.u32(), c.u32(), c.u32(), c.u32()]
  if (type === MapType.Unspec) {
    throw new ObjectError('ERR_BPF_OBJECT_MAP', `map "${name}" at ${place(section.name, offset)} has no type`, {
      section: section.name,
      offset,
      symbol: name,
    })
  }
  const tail = readTail(c, section, symbol, { type, flags })
  const map = newMap(name, {
    ...{ type, keySize, valueSize, maxEntries, flags },
    numaNode: tail.numaNode ?? 0,
    pinning: tail.pinning || 'none',
    ...annotatedTypes(file.btf, name, keySize, valueSize),
    origin: { kind: 'legacy', section: section.name },
  })
  return { map, section, offset, size, valuesOffset: undefined, tail }
}

function zeroFilled(bytes: Uint8Array): Uint8Array {
  const filled = new Uint8Array(KNOWN_SIZE)
  filled.set(bytes)
  return filled
}

/** @throws ObjectError when there is something in the tail, and no loader is known that would have put it there */
function readTail(
  c: Cursor,
  section: ObjectSection,
  { name, size, offset }: DefinitionSymbol,
  { type, flags }: { type: number; flags: number },
): Tail {
  const start = c.offset
  const rest = c.bytes(c.remaining)
  c.seek(start)
  // Kernel samples: inner_map_idx, numa_node. iproute2: id, pinning, later inner_id and inner_idx. gobpf: pinning, namespace[256].
  if (size === 28 && isMapInMap(type)) return { innerIndex: c.u32(), numaNode: c.u32() }
  if (rest.every(byte => byte === 0)) return {}
  if (size === 28 && (flags & MapFlag.NumaNode) !== 0) return { numaNode: c.skip(4).u32() }
  if (size === 28) return { id: c.u32(), pinning: c.u32() }
  if (size === 36) return { id: c.u32(), pinning: c.u32(), innerId: c.u32(), innerIndex: c.i32() }
  if (size === 280 && rest.subarray(4).every(byte => byte === 0)) return { pinning: c.u32() }
  const message = `map "${name}": its definition of ${size} bytes has non-zero ones after the first ${KNOWN_SIZE}, whose meaning is unknown`
  throw new ObjectError('ERR_BPF_OBJECT_MAP_TOO_BIG', message, {
    section: section.name,
    offset: offset + KNOWN_SIZE,
    symbol: name,
    hint: 'Definitions of struct bpf_map_def have type, key_size, value_size, max_entries and map_flags.',
  })
}

/** Completes a map of maps: its template and, as iproute2 does, its slots. */
function nest(map: MapSpec, tail: Tail, all: readonly LegacyMap[]): void {
  if (!isMapInMap(map.type)) return
  if (tail.innerId === undefined) {
    const template = tail.innerIndex === undefined ? undefined : all[tail.innerIndex]?.map
    map.inner = template && { ...template, name: `${map.name}.inner` }
    return
  }
  const inner = all.filter(other => other.tail.id !== undefined && other.tail.id !== 0 && other.tail.id === tail.innerId)
  const template = inner[0]?.map
  map.inner = template && { ...template, name: `${map.name}.inner` }
  for (const other of inner) {
    const { innerIndex = -1, innerId = 0 } = other.tail
    if (innerId === 0 && innerIndex >= 0) map.slots.push({ index: innerIndex, kind: 'map', name: other.map.name })
  }
}

/**
 * The types of a map that was annotated with BPF_ANNOTATE_KV_PAIR: members `key` and `value` of a struct with a known name.
 */
function annotatedTypes(
  btf: Btf | undefined,
  name: string,
  keySize: number,
  valueSize: number,
): { keyTypeId?: TypeId; valueTypeId?: TypeId } {
  const [id] = btf?.idsByName(`____btf_map_${name}`, 'struct') ?? []
  const struct = id && btf?.type(id)
  if (btf === undefined || !struct || struct.kind !== 'struct') return {}
  const [key, value] = struct.members
  if (key === undefined || value === undefined) return {}
  if (sizeOf(btf, key.type) !== keySize || sizeOf(btf, value.type) !== valueSize) return {}
  return { keyTypeId: key.type, valueTypeId: value.type }
}
