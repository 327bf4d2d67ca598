import { Errno, getMapInfo, isSyscallError, type MapCreateOptions, MapType, mapCreate, type OwnedFd, orClose } from '@bpf/sys'
import type { ValueCodec } from '../codec/codec'
import { MapError } from '../errors'
import type { ArenaMap } from './arena-map'
import type { BloomFilter } from './bloom-filter'
import type { PerfEventArrayMap, RingbufMap, UserRingbufMap } from './buffer-maps'
import type { MapContext } from './context'
import type { DescriptorMap } from './descriptor-map'
import type { LocalStorage } from './local-storage'
import type { MapHandle } from './map-handle'
import type { MapOfMaps } from './map-of-maps'
import { type MapCodecs, openMap } from './open'
import type { PerCpuMap } from './per-cpu-map'
import type { QueueMap } from './queue-map'
import { shapeOfInfo } from './shape'
import { shapeProblem } from './shape-problem'
import type { StructOpsMap } from './struct-ops-map'

export interface CreateMapOptions<T extends number, K, V> extends MapCreateOptions {
  readonly type: T
  /** How keys are read and written; also says their size. */
  readonly key?: ValueCodec<K> | undefined
  /** How values are read and written; also says their size. Of per-CPU maps: one value. */
  readonly value?: ValueCodec<V> | undefined
  /** How those of the maps inside of a map-in-map are. */
  readonly inner?: MapCodecs | undefined
}

/** Creates a map and opens the handle that its type has. @throws MapError, SyscallError */
export function createMap<T extends number, K = unknown, V = unknown>(
  context: MapContext,
  options: CreateMapOptions<T, K, V>,
): HandleOf<T, K, V> {
  const { key, value, inner, ...create } = options
  const { sys } = context
  const keySize = create.keySize ?? key?.size
  const valueSize = create.valueSize ?? value?.size
  const fd = createFd(context, {
    ...create,
    ...(keySize === undefined ? {} : { keySize }),
    ...(valueSize === undefined ? {} : { valueSize }),
  })
  return orClose(fd, () => {
    const shape = { ...shapeOfInfo(getMapInfo(sys, fd.fd)), name: create.name ?? '' }
    return openMap(context, { fd, shape, key, value, inner }) as unknown as HandleOf<T, K, V>
  })
}

function createFd({ sys, kernel }: MapContext, options: MapCreateOptions): OwnedFd {
  try {
    return mapCreate(sys, options)
  } catch (cause) {
    if (!isSyscallError(cause)) throw cause
    const { name = '', type, keySize = 0, valueSize = 0, maxEntries = 0, flags = 0 } = options
    const problem = () => shapeProblem({ name, type, keySize, valueSize, maxEntries, flags }, kernel.pageSize)
    const hint = cause.hint ?? (cause.errno === Errno.EINVAL ? problem() : undefined)
    throw new MapError('ERR_BPF_MAP_CREATE', name, `could not be created: ${cause.errnoName}`, { cause, hint })
  }
}

/** The handle type of a `MapType`. */
export type HandleOf<T extends number, K, V> = T extends keyof Handles<K, V> ? Handles<K, V>[T] : MapHandle<K, V>

interface Handles<K, V> {
  [MapType.ProgArray]: DescriptorMap<number>
  [MapType.PerfEventArray]: PerfEventArrayMap
  [MapType.PercpuHash]: PerCpuMap<K, V>
  [MapType.PercpuArray]: PerCpuMap<K, V>
  [MapType.CgroupArray]: DescriptorMap<number>
  [MapType.LruPercpuHash]: PerCpuMap<K, V>
  [MapType.ArrayOfMaps]: MapOfMaps<number>
  [MapType.HashOfMaps]: MapOfMaps<K>
  [MapType.Sockmap]: DescriptorMap<number>
  [MapType.Xskmap]: DescriptorMap<number>
  [MapType.Sockhash]: DescriptorMap<K>
  [MapType.ReuseportSockarray]: DescriptorMap<number>
  [MapType.PercpuCgroupStorage]: PerCpuMap<K, V>
  [MapType.Queue]: QueueMap<V>
  [MapType.Stack]: QueueMap<V>
  [MapType.SkStorage]: LocalStorage<V>
  [MapType.StructOps]: StructOpsMap
  [MapType.Ringbuf]: RingbufMap
  [MapType.InodeStorage]: LocalStorage<V>
  [MapType.TaskStorage]: LocalStorage<V>
  [MapType.BloomFilter]: BloomFilter<V>
  [MapType.UserRingbuf]: UserRingbufMap
  [MapType.CgrpStorage]: LocalStorage<V>
  [MapType.Arena]: ArenaMap
}
