import { toHex } from '@bpf/bytes'
import { fullProgramName, type Holder } from '@bpf/kernel'
import { type Fd, getProgInfo, ProgType, snakeName } from '@bpf/sys'
import type { KernelContext } from '../context'
import type { Company } from '../objects/company'
import { readFdInfo } from '../objects/read'
import { readMetadata } from './metadata'

/** What `bpf prog list --json` says of a program. */
export interface ProgramFacts {
  readonly id: number
  readonly type: string
  /** Whole, where BTF tells it. */
  readonly name: string
  readonly tag: string
  readonly gplCompatible: boolean
  /** ISO 8601, to the second: the system tells when it started no better than that. */
  readonly loadedAt: string
  readonly uid: number
  readonly xlatedBytes: number
  /** 0: it is interpreted. */
  readonly jitedBytes: number
  readonly memlockBytes: number | null
  readonly verifiedInsns: number
  readonly mapIds: readonly number[]
  /** 0: none. */
  readonly btfId: number
  /** Of the device it was loaded for; 0 for none. */
  readonly ifindex: number
  readonly runCount: bigint
  readonly runTimeNs: bigint
  readonly recursionMisses: bigint
  readonly orphaned: boolean
  /** What the program says of itself: its constants `bpf_metadata_…`. */
  readonly metadata: Readonly<Record<string, unknown>>
  readonly pinned: readonly string[]
  readonly pids: readonly Holder[]
}

export function readProgramFacts(context: KernelContext, fd: Fd, companyOf: (id: number) => Company): ProgramFacts {
  const { sys, kernel } = context
  const info = getProgInfo(sys, fd)
  const { memlock, orphaned } = readFdInfo(fd)
  const loaded = bootTime(kernel.files.text('/proc/uptime')) + Number(info.loadTime) / 1e6
  return {
    id: info.id,
    type: snakeName(ProgType, info.type),
    name: fullProgramName(sys, fd),
    tag: toHex(info.tag),
    gplCompatible: info.gplCompatible,
    loadedAt: new Date(loaded).toISOString().replace(/\.\d+/, ''),
    uid: info.createdByUid,
    xlatedBytes: info.xlatedLength,
    jitedBytes: info.jitedLength,
    memlockBytes: memlock ?? null,
    verifiedInsns: info.verifiedInsns,
    mapIds: info.mapIds,
    btfId: info.btfId,
    ifindex: info.ifindex,
    runCount: info.runCount,
    runTimeNs: info.runTimeNs,
    recursionMisses: info.recursionMisses,
    orphaned,
    metadata: readMetadata(context, info.mapIds),
    ...companyOf(info.id),
  }
}

/** Milliseconds since 1970 at which the system started; time in sleep counts, as it does for programs. */
function bootTime(uptime: string | undefined): number {
  return Date.now() - Number.parseFloat(uptime ?? '0') * 1000
}
