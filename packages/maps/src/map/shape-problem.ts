import { MapFlag, MapType } from '@bpf/sys'
import { indexedTypes, type MapShape } from './shape'

/** What kernels insist on, and answer EINVAL to; the first that a map does not keep to is told. */
interface Rule {
  /** The types that it is for; all unless given. */
  readonly types?: ReadonlySet<number>
  readonly broken: (shape: MapShape, pageSize: number) => boolean
  readonly text: string
}

const types = (...list: readonly number[]): ReadonlySet<number> => new Set(list)

const rings = types(MapType.Ringbuf, MapType.UserRingbuf)
const storages = types(MapType.SkStorage, MapType.InodeStorage, MapType.TaskStorage, MapType.CgrpStorage)
const cgroupStorages = types(MapType.CgroupStorage, MapType.PercpuCgroupStorage)
const withoutKeys = types(MapType.Queue, MapType.Stack, MapType.BloomFilter, MapType.Arena, ...rings)
const withoutValues = types(MapType.Arena, ...rings)
const ownSize = types(MapType.PerfEventArray, MapType.StructOps, ...storages, ...cgroupStorages)
const withKeys = types(MapType.Hash, MapType.LruHash, MapType.PercpuHash, MapType.LruPercpuHash, MapType.HashOfMaps, MapType.Sockhash)

const isPowerOfTwo = (value: number) => value > 0 && Number.isInteger(Math.log2(value))
const isStackSize = ({ valueSize, flags }: MapShape) => valueSize > 0 && valueSize % ((flags & MapFlag.StackBuildId) === 0 ? 8 : 32) === 0

const rules: readonly Rule[] = [
  { broken: ({ name }) => /[^\w.]/.test(name), text: 'its name may consist of letters, digits, _ and .' },
  {
    broken: ({ type, maxEntries }) => maxEntries === 0 && !ownSize.has(type),
    text: 'its max_entries is 0: how many entries is it to hold?',
  },
  {
    types: rings,
    broken: ({ maxEntries }, page) => maxEntries % page !== 0 || !isPowerOfTwo(maxEntries),
    text: 'its size, max_entries, must be a power of two and whole pages',
  },
  { types: withoutKeys, broken: ({ keySize }) => keySize !== 0, text: 'maps of this type have no keys: its key_size must be 0' },
  { types: withoutValues, broken: ({ valueSize }) => valueSize !== 0, text: 'maps of this type have no values: its value_size must be 0' },
  { types: indexedTypes, broken: ({ keySize }) => keySize !== 4, text: 'its keys are indexes: its key_size must be 4' },
  {
    types: storages,
    broken: ({ keySize, maxEntries }) => keySize !== 4 || maxEntries !== 0,
    text: 'local storage has keys of 4 bytes, and max_entries 0',
  },
  { types: withKeys, broken: ({ keySize }) => keySize === 0, text: 'its key_size is 0' },
  {
    types: types(MapType.LpmTrie),
    broken: ({ keySize }) => keySize < 5 || keySize > 260,
    text: 'its key is a prefix length of 4 bytes, and 1 to 256 bytes of data',
  },
  {
    types: types(MapType.StackTrace),
    broken: shape => !isStackSize(shape),
    text: 'its value_size must be a multiple of 8, with BPF_F_STACK_BUILD_ID of 32',
  },
  {
    broken: ({ type, valueSize }) => valueSize === 0 && !withoutValues.has(type) && type !== MapType.StructOps,
    text: 'its value_size is 0',
  },
  {
    types: types(MapType.LpmTrie, MapType.Rhash, ...storages),
    broken: ({ flags }) => (flags & MapFlag.NoPrealloc) === 0,
    text: 'maps of this type take the flag BPF_F_NO_PREALLOC',
  },
  { types: types(MapType.Arena), broken: ({ flags }) => (flags & MapFlag.Mmapable) === 0, text: 'an arena takes the flag BPF_F_MMAPABLE' },
  { types: storages, broken: () => true, text: 'local storage is created with the BTF of its key and value' },
]

/** Why a kernel would not create such a map, as far as its shape tells. */
export function shapeProblem(shape: MapShape, pageSize: number): string | undefined {
  return rules.find(rule => (rule.types?.has(shape.type) ?? true) && rule.broken(shape, pageSize))?.text
}
