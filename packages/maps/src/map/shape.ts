import { flagNames } from '@bpf/bytes'
import { MapFlag, type MapInfo, MapType, snakeName } from '@bpf/sys'

/** What a map was created as. */
export interface MapShape {
  readonly name: string
  /** `MapType`. */
  readonly type: number
  /** Bytes. */
  readonly keySize: number
  /** Bytes of one value, also in per-CPU maps. */
  readonly valueSize: number
  readonly maxEntries: number
  /** `MapFlag`. */
  readonly flags: number
  /** What else the type wants to know; 0 unless given. */
  readonly mapExtra?: bigint | undefined
}

/** Keys of these are indexes whatever type the definition gives them. */
export const indexedTypes: ReadonlySet<number> = new Set([
  MapType.Array,
  MapType.PercpuArray,
  MapType.ProgArray,
  MapType.PerfEventArray,
  MapType.CgroupArray,
  MapType.ArrayOfMaps,
  MapType.Devmap,
  MapType.Cpumap,
  MapType.Xskmap,
  MapType.Sockmap,
  MapType.ReuseportSockarray,
  MapType.StackTrace,
  MapType.InsnArray,
])

/** A field in which a map is not what was wanted, in words. */
export interface ShapeDifference {
  readonly field: 'type' | 'keySize' | 'valueSize' | 'maxEntries' | 'flags' | 'mapExtra'
  readonly wanted: string
  readonly found: string
}

export function shapeOfInfo(info: MapInfo): MapShape {
  const { name, type, keySize, valueSize, maxEntries, flags, mapExtra } = info
  return { name, type, keySize, valueSize, maxEntries, flags, mapExtra }
}

/** What the kernel changes about a map when it creates it, and so what to expect of one that exists. */
export interface Machine {
  readonly pageSize: number
  readonly possibleCpus: number
}

/** Every field in which `found`, as the kernel tells it, is not what creating `wanted` would have made; names do not count. */
export function compareShapes(wanted: MapShape, found: MapShape, machine: Machine): readonly ShapeDifference[] {
  const expected = asCreated(wanted, machine)
  const differences: ShapeDifference[] = []
  for (const field of ['type', 'keySize', 'valueSize', 'maxEntries', 'flags', 'mapExtra'] as const) {
    const [a, b] = [expected[field] ?? 0n, found[field] ?? 0n]
    // An arena without an address is one at any address.
    if (field === 'mapExtra' && wanted.type === MapType.Arena && a === 0n) continue
    if (a !== b) differences.push({ field, wanted: formatField(field, a), found: formatField(field, b) })
  }
  return differences
}

const ringTypes: ReadonlySet<number> = new Set([MapType.Ringbuf, MapType.UserRingbuf])
const deviceMaps: ReadonlySet<number> = new Set([MapType.Devmap, MapType.DevmapHash])

/** These are of the descriptor that creating returned, or of the call, not of the map. */
const transientFlags = MapFlag.Rdonly | MapFlag.Wronly | MapFlag.TokenFd

/** The shape that a map has once it exists: sizes that are rounded, flags that are implied or gone. */
export function asCreated(given: MapShape, { pageSize, possibleCpus }: Machine): MapShape {
  const shape = { ...given, flags: given.flags & ~transientFlags }
  if (ringTypes.has(shape.type)) return { ...shape, maxEntries: ringSize(shape.maxEntries, pageSize) }
  if (shape.type === MapType.PerfEventArray && shape.maxEntries === 0) return { ...shape, maxEntries: possibleCpus }
  if (deviceMaps.has(shape.type)) return { ...shape, flags: shape.flags | MapFlag.RdonlyProg }
  return shape
}

/** The next size that a ring buffer can have: whole pages, a power of two. Bytes. */
export function ringSize(wanted: number, pageSize: number): number {
  let size = pageSize
  while (size < wanted) size *= 2
  return size
}

function formatField(field: ShapeDifference['field'], value: number | bigint): string {
  if (field === 'type') return snakeName(MapType, Number(value))
  if (field === 'flags') return flagNames(MapFlag, Number(value)).join(' | ') || 'none'
  return String(value)
}
