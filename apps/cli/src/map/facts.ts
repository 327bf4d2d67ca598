import { flagNames } from '@bpf/bytes'
import type { Holder } from '@bpf/kernel'
import { type Fd, getMapInfo, MapFlag, MapType, ProgType, snakeName } from '@bpf/sys'
import type { KernelContext } from '../context'
import type { Company } from '../objects/company'
import { readFdInfo } from '../objects/read'

/** What `bpf map list --json` says of a map. */
export interface MapFacts {
  readonly id: number
  readonly type: string
  readonly name: string
  readonly flags: number
  readonly keySize: number
  /** Of one CPU for per-CPU maps. */
  readonly valueSize: number
  readonly maxEntries: number
  readonly mapExtra: bigint
  readonly memlockBytes: number | null
  readonly frozen: boolean
  /** 0: none. */
  readonly btfId: number
  /** Of the device it was created for; 0 for none. */
  readonly ifindex: number
  /** Program arrays that programs use: type of those programs. */
  readonly ownerProgType: string | null
  readonly ownerJited: boolean | null
  readonly pinned: readonly string[]
  readonly pids: readonly Holder[]
}

export function readMapFacts({ sys }: KernelContext, fd: Fd, companyOf: (id: number) => Company): MapFacts {
  const info = getMapInfo(sys, fd)
  const { memlock, frozen, ownerProgType, ownerJited } = readFdInfo(fd)
  return {
    id: info.id,
    type: snakeName(MapType, info.type),
    name: info.name,
    flags: info.flags,
    keySize: info.keySize,
    valueSize: info.valueSize,
    maxEntries: info.maxEntries,
    mapExtra: info.mapExtra,
    memlockBytes: memlock ?? null,
    frozen,
    btfId: info.btfId,
    ifindex: info.ifindex,
    ownerProgType: ownerProgType === undefined ? null : snakeName(ProgType, ownerProgType),
    ownerJited: ownerJited ?? null,
    ...companyOf(info.id),
  }
}

/** `NoPrealloc, Mmapable` */
export function formatMapFlags(flags: number): string {
  return flagNames(MapFlag, flags).join(', ')
}
