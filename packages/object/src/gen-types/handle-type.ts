import { resolve, type TypescriptTypes } from '@bpf/btf'
import { MapFlag } from '../constants/flags'
import { MapType } from '../constants/map-type'
import type { MapSpec, ObjectSpec } from '../spec'

/** Handles of `@bpf/maps`, and what their types are made of: K and V stand for keys and values. */
const handles: Readonly<Record<number, string>> = {
  [MapType.ProgArray]: 'DescriptorMap<K>',
  [MapType.PerfEventArray]: 'PerfEventArrayMap',
  [MapType.PercpuHash]: 'PerCpuMap<K, V>',
  [MapType.PercpuArray]: 'PerCpuMap<K, V>',
  [MapType.CgroupArray]: 'DescriptorMap<K>',
  [MapType.LruPercpuHash]: 'PerCpuMap<K, V>',
  [MapType.ArrayOfMaps]: 'MapOfMaps<K>',
  [MapType.HashOfMaps]: 'MapOfMaps<K>',
  [MapType.Sockmap]: 'DescriptorMap<K>',
  [MapType.Xskmap]: 'DescriptorMap<K>',
  [MapType.Sockhash]: 'DescriptorMap<K>',
  [MapType.ReuseportSockarray]: 'DescriptorMap<K>',
  [MapType.PercpuCgroupStorage]: 'PerCpuMap<K, V>',
  [MapType.Queue]: 'QueueMap<V>',
  [MapType.Stack]: 'QueueMap<V>',
  [MapType.SkStorage]: 'LocalStorage<V>',
  [MapType.StructOps]: 'StructOpsMap',
  [MapType.Ringbuf]: 'RingbufMap',
  [MapType.InodeStorage]: 'LocalStorage<V>',
  [MapType.TaskStorage]: 'LocalStorage<V>',
  [MapType.BloomFilter]: 'BloomFilter<V>',
  [MapType.UserRingbuf]: 'UserRingbufMap',
  [MapType.CgrpStorage]: 'LocalStorage<V>',
  [MapType.Arena]: 'ArenaMap',
}
const keyed = 'MapHandle<K, V>'

/** All names that `handleType` may use. */
export const handleNames: readonly string[] = [
  ...new Set([keyed, ...Object.values(handles)].map(handle => handle.replace(/<.*/, ''))),
  'RawPrefix',
  'StackFrame',
]

/** The type of the handle that the loader gives a map: `MapHandle<number, Route>`. */
export function handleType(spec: ObjectSpec, map: MapSpec, types: TypescriptTypes | undefined): string {
  const parts: Readonly<Record<string, () => string>> = { K: () => keyType(spec, map, types), V: () => valueType(map, types) }
  return (handles[map.type] ?? keyed).replaceAll(/\b[KV]\b/g, part => parts[part]?.() ?? part)
}

/** Keys of these are indexes whatever type the definition gives them. */
const indexed: ReadonlySet<number> = new Set([
  MapType.Array,
  MapType.PercpuArray,
  MapType.ProgArray,
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
const cgroupStorage: ReadonlySet<number> = new Set([MapType.CgroupStorage, MapType.PercpuCgroupStorage])
const prefixLengthSize = 4

function keyType({ btf }: ObjectSpec, map: MapSpec, types: TypescriptTypes | undefined): string {
  const { type, keySize, keyTypeId } = map
  const addressSize = keySize - prefixLengthSize
  const isPrefix = type === MapType.LpmTrie && (addressSize === 4 || addressSize === 16)
  if (isPrefix && (btf === undefined || keyTypeId === 0 || isAddressPrefix(resolve(btf, keyTypeId), id => resolve(btf, id))))
    return 'string'
  const declared = keyTypeId === 0 ? undefined : types?.valueOf(keyTypeId)
  if (declared?.size === keySize) return declared.type
  if (type === MapType.LpmTrie) return isPrefix ? 'string' : 'RawPrefix'
  if (indexed.has(type) && keySize === 4) return 'number'
  if (cgroupStorage.has(type) && keySize === 16) return '{ readonly cgroupId: bigint; readonly attachType: number }'
  return 'Uint8Array'
}

type Resolved = ReturnType<typeof resolve>

/** A length and one member that can be an address: such keys are texts like `10.0.0.0/8`. */
function isAddressPrefix(key: Resolved, resolved: (id: Resolved['id']) => Resolved): boolean {
  if (key.kind !== 'struct' || key.members.length !== 2) return false
  const [, address] = key.members
  const type = address && resolved(address.type)
  return type?.kind === 'int' || type?.kind === 'array' || type?.name === 'in_addr' || type?.name === 'in6_addr'
}

function valueType({ type, valueSize, valueTypeId, flags }: MapSpec, types: TypescriptTypes | undefined): string {
  const declared = valueTypeId === 0 ? undefined : types?.valueOf(valueTypeId)
  return declared?.size === valueSize ? declared.type : (prescribedValues[type]?.(valueSize, flags) ?? 'Uint8Array')
}

const redirect = (more: string) => (size: number) =>
  size === 4 ? 'number' : size === 8 ? `{ readonly ${more}: number; readonly program: number }` : undefined

/** Values whose layout the kernel prescribes. */
const prescribedValues: Readonly<Record<number, (size: number, flags: number) => string | undefined>> = {
  [MapType.Devmap]: redirect('ifindex'),
  [MapType.DevmapHash]: redirect('ifindex'),
  [MapType.Cpumap]: redirect('queueSize'),
  [MapType.StackTrace]: (_, flags) => ((flags & MapFlag.StackBuildId) === 0 ? 'bigint[]' : 'StackFrame[]'),
  [MapType.InsnArray]: size =>
    size === 16
      ? '{ readonly originalOffset: number; readonly xlatedOffset: number; readonly jitedOffset: number; readonly reserved: number }'
      : undefined,
}
