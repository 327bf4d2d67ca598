import type { TypeId, TypeInput } from '@bpf/btf'
import { Errno, type MapCreateOptions, MapFlag, MapType, mapCreate } from '@bpf/sys'
import { judge, judgeFailure, openBtf, type ProbeContext, tryMap, type Verdict } from './probe'

const word = { keySize: 4, valueSize: 4, maxEntries: 1 }
const queue = { keySize: 0, valueSize: 4, maxEntries: 1 }
const storage = { keySize: 4, valueSize: 8, maxEntries: 0, flags: MapFlag.NoPrealloc }
/** `struct bpf_cgroup_storage_key`. */
const cgroupStorage = { keySize: 16, valueSize: 8, maxEntries: 0 }
const arena = { keySize: 0, valueSize: 0, maxEntries: 1, flags: MapFlag.Mmapable }

type Shape = Omit<MapCreateOptions, 'type'>

/** The smallest map of each type that is not just four bytes to four bytes. */
const shapes: Readonly<Record<number, Shape>> = {
  [MapType.StackTrace]: { keySize: 4, valueSize: 8, maxEntries: 1 },
  [MapType.LpmTrie]: { keySize: 8, valueSize: 8, maxEntries: 1, flags: MapFlag.NoPrealloc },
  [MapType.Rhash]: { ...word, flags: MapFlag.NoPrealloc },
  [MapType.CgroupStorage]: cgroupStorage,
  [MapType.PercpuCgroupStorage]: cgroupStorage,
  [MapType.Queue]: queue,
  [MapType.Stack]: queue,
  [MapType.BloomFilter]: queue,
  [MapType.SkStorage]: storage,
  [MapType.InodeStorage]: storage,
  [MapType.TaskStorage]: storage,
  [MapType.CgrpStorage]: storage,
  [MapType.Arena]: arena,
  /** `struct bpf_insn_array_value`. */
  [MapType.InsnArray]: { keySize: 4, valueSize: 16, maxEntries: 1 },
  /** A type that is no struct_ops is found out late. */
  [MapType.StructOps]: { ...word, btfVmlinuxValueTypeId: 1 },
}
const storages: ReadonlySet<number> = new Set([MapType.SkStorage, MapType.InodeStorage, MapType.TaskStorage, MapType.CgrpStorage])
const mapInMap: ReadonlySet<number> = new Set([MapType.ArrayOfMaps, MapType.HashOfMaps])
const rings: ReadonlySet<number> = new Set([MapType.Ringbuf, MapType.UserRingbuf])

/** Whether the kernel knows a map type. */
export function probeMapType(context: ProbeContext, type: number): Verdict {
  return create(context, type, 0)
}

function create({ sys }: ProbeContext, type: number, flags: number): Verdict {
  const shape: Shape = rings.has(type) ? { keySize: 0, valueSize: 0, maxEntries: sys.native.pageSize } : (shapes[type] ?? word)
  const options = { type, ...shape, flags: (shape.flags ?? 0) | flags }
  if (type === MapType.StructOps) return judgeFailure(tryMap(sys, options), Errno.ENOTSUPP)
  if (storages.has(type)) {
    using btf = openBtf(sys, storageTypes)
    return btf !== undefined && judge(tryMap(sys, { ...options, btfFd: btf.fd, btfKeyTypeId: 1, btfValueTypeId: 3 }))
  }
  if (mapInMap.has(type)) {
    using inner = mapCreate(sys, { type: MapType.Hash, ...word })
    return judge(tryMap(sys, { ...options, innerMapFd: inner.fd }))
  }
  return judge(tryMap(sys, options))
}

const id = (value: number) => value as TypeId
const member = (name: string, type: number, bitOffset: number) => ({ name, type: id(type), bitOffset, bitSize: 0 })

/** `struct value { int count; struct bpf_spin_lock lock; }`: what the first local storage maps insisted on. */
const storageTypes: readonly TypeInput[] = [
  { kind: 'int', name: 'int', size: 4, encoding: { signed: true } },
  { kind: 'struct', name: 'bpf_spin_lock', size: 4, members: [member('val', 1, 0)] },
  { kind: 'struct', name: 'value', size: 8, members: [member('count', 1, 0), member('lock', 2, 32)] },
]

/** A map type that takes each flag. Flags that need more than a map (a token, a module) are absent. */
const flagOwners: Readonly<Record<number, number>> = {
  [MapFlag.NoPrealloc]: MapType.Hash,
  [MapFlag.NoCommonLru]: MapType.LruHash,
  [MapFlag.NumaNode]: MapType.Hash,
  [MapFlag.Rdonly]: MapType.Hash,
  [MapFlag.Wronly]: MapType.Hash,
  [MapFlag.ZeroSeed]: MapType.Hash,
  [MapFlag.RdonlyProg]: MapType.Array,
  [MapFlag.WronlyProg]: MapType.Array,
  [MapFlag.Clone]: MapType.SkStorage,
  [MapFlag.Mmapable]: MapType.Array,
  [MapFlag.PreserveElems]: MapType.PerfEventArray,
  [MapFlag.InnerMap]: MapType.Array,
  [MapFlag.Link]: MapType.StructOps,
  [MapFlag.SegvOnFault]: MapType.Arena,
  [MapFlag.NoUserConv]: MapType.Arena,
  [MapFlag.RbOverwrite]: MapType.Ringbuf,
}

/** Whether the kernel knows a flag of map creation (`MapFlag`). */
export function probeMapFlag(context: ProbeContext, flag: number): Verdict {
  if (flag === MapFlag.StackBuildId) {
    // The value is an array of struct bpf_stack_build_id, 32 bytes each.
    return judge(tryMap(context.sys, { type: MapType.StackTrace, keySize: 4, valueSize: 32, maxEntries: 1, flags: flag }))
  }
  const owner = flagOwners[flag]
  return owner === undefined ? undefined : create(context, owner, flag)
}
