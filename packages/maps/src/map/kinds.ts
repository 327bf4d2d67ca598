import { MapFlag, type Mapping, MapType, type OwnedFd } from '@bpf/sys'
import type { ValueCodec } from '../codec/codec'
import { buildIdStackCodec, cgroupStorageKey, cpumapValue, devmapValue, insnArrayValue, stackCodec } from '../codec/kernel-values'
import { lpmKeyCodec } from '../codec/prefix'
import { rawCodec } from '../codec/raw'
import { u32 } from '../codec/scalars'
import { ArenaMap } from './arena-map'
import { BloomFilter } from './bloom-filter'
import type { BpfMapOptions } from './bpf-map'
import { PerfEventArrayMap, RingbufMap, UserRingbufMap } from './buffer-maps'
import { DescriptorMap } from './descriptor-map'
import { LocalStorage } from './local-storage'
import { MapHandle } from './map-handle'
import { MapOfMaps } from './map-of-maps'
import { PerCpuMap } from './per-cpu-map'
import { QueueMap } from './queue-map'
import { indexedTypes, type MapShape } from './shape'
import { StructOpsMap } from './struct-ops-map'

/** The handle of each kind. */
export interface MapsByKind {
  keyed: MapHandle
  perCpu: PerCpuMap
  queue: QueueMap
  bloom: BloomFilter
  descriptors: DescriptorMap
  mapOfMaps: MapOfMaps
  perfEventArray: PerfEventArrayMap
  ringbuf: RingbufMap
  userRingbuf: UserRingbufMap
  storage: LocalStorage
  structOps: StructOpsMap
  arena: ArenaMap
}

export type MapKind = keyof MapsByKind

/** A handle of any kind; `kind` tells which. */
export type AnyMap = MapsByKind[MapKind]

export interface Ingredients extends BpfMapOptions {
  /** Fitted to the map. */
  readonly key: ValueCodec<unknown>
  /** Of one value. */
  readonly value: ValueCodec<unknown>
  readonly openInner: (fd: OwnedFd) => AnyMap
  readonly memory: Mapping | undefined
}

type Build = (ingredients: Ingredients) => AnyMap

const keyed: Build = options => new MapHandle(options)
const perCpu: Build = options => new PerCpuMap(options)
const queue: Build = options => new QueueMap(options)
const descriptors: Build = options => new DescriptorMap(options)
const mapOfMaps: Build = options => new MapOfMaps(options)
const storage: Build = options => new LocalStorage(options)

/** What a handle for each map type is. What is missing here is treated as keys and values. */
const builders: Readonly<Record<number, Build>> = {
  [MapType.Hash]: keyed,
  [MapType.Array]: keyed,
  [MapType.ProgArray]: descriptors,
  [MapType.PerfEventArray]: options => new PerfEventArrayMap({ ...options, key: u32 }),
  [MapType.PercpuHash]: perCpu,
  [MapType.PercpuArray]: perCpu,
  [MapType.StackTrace]: keyed,
  [MapType.CgroupArray]: descriptors,
  [MapType.LruHash]: keyed,
  [MapType.LruPercpuHash]: perCpu,
  [MapType.LpmTrie]: keyed,
  [MapType.ArrayOfMaps]: mapOfMaps,
  [MapType.HashOfMaps]: mapOfMaps,
  [MapType.Devmap]: keyed,
  [MapType.Sockmap]: descriptors,
  [MapType.Cpumap]: keyed,
  [MapType.Xskmap]: descriptors,
  [MapType.Sockhash]: descriptors,
  [MapType.CgroupStorage]: keyed,
  [MapType.ReuseportSockarray]: descriptors,
  [MapType.PercpuCgroupStorage]: perCpu,
  [MapType.Queue]: queue,
  [MapType.Stack]: queue,
  [MapType.SkStorage]: storage,
  [MapType.DevmapHash]: keyed,
  [MapType.StructOps]: options => new StructOpsMap(options),
  [MapType.Ringbuf]: options => new RingbufMap(options),
  [MapType.InodeStorage]: storage,
  [MapType.TaskStorage]: storage,
  [MapType.BloomFilter]: options => new BloomFilter(options),
  [MapType.UserRingbuf]: options => new UserRingbufMap(options),
  [MapType.CgrpStorage]: storage,
  [MapType.Arena]: options => new ArenaMap(options),
  [MapType.InsnArray]: keyed,
  [MapType.Rhash]: keyed,
}

export function buildHandle(ingredients: Ingredients): AnyMap {
  return (builders[ingredients.shape.type] ?? keyed)(ingredients)
}

const cgroupStorage: ReadonlySet<number> = new Set([MapType.CgroupStorage, MapType.PercpuCgroupStorage])
/** How keys are read and written where nobody says: as the kernel prescribes, or bytes. */
export function defaultKeyCodec({ type, keySize }: MapShape): ValueCodec<unknown> {
  if (type === MapType.LpmTrie) return lpmKeyCodec(keySize)
  if (indexedTypes.has(type) && keySize === u32.size) return u32
  if (cgroupStorage.has(type) && keySize === cgroupStorageKey.size) return cgroupStorageKey
  return rawCodec(keySize)
}

/** How values are read and written where nobody says: as the kernel prescribes, or bytes. */
export function defaultValueCodec({ type, valueSize, flags }: MapShape): ValueCodec<unknown> {
  const prescribed = prescribedValues[type]?.(valueSize, flags)
  return prescribed?.size === valueSize ? prescribed : rawCodec(valueSize)
}

const prescribedValues: Readonly<Record<number, (size: number, flags: number) => ValueCodec<unknown>>> = {
  [MapType.Devmap]: size => (size === u32.size ? u32 : devmapValue),
  [MapType.DevmapHash]: size => (size === u32.size ? u32 : devmapValue),
  [MapType.Cpumap]: size => (size === u32.size ? u32 : cpumapValue),
  [MapType.StackTrace]: (size, flags) => ((flags & MapFlag.StackBuildId) === 0 ? stackCodec(size) : buildIdStackCodec(size)),
  [MapType.InsnArray]: () => insnArrayValue,
}

/** Whether a map of this type has a value for each CPU. */
export function isPerCpu(type: number): boolean {
  return builders[type] === perCpu
}
