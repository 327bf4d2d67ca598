import { BpfCommand } from '../constants/command'
import { AttachFlag } from '../constants/flags'
import type { FieldsOf, Layout } from '../layout'
import type { Fd, OwnedFd } from '../owned-fd'
import type { Sys } from '../sys'
import {
  linkDetach as detachLayout,
  iterCreate as iterLayout,
  linkCreate as layouts,
  rawTracepointOpen as rawLayout,
  linkUpdate as updateLayout,
} from './attr-layouts'
import { bpf, bpfFd } from './call'

/** What every link is made of. */
export interface LinkHead {
  /** The program; for struct_ops the map. */
  readonly progFd: Fd
  /** Cgroup, network namespace, perf event, map, program to replace …; or an interface index. */
  readonly targetFd?: Fd | undefined
  readonly targetIfindex?: number | undefined
  /** `AttachType`. */
  readonly attachType: number
  /** `AttachFlag`; XDP_FLAGS_* for XDP. */
  readonly flags?: number
}

/** A place among other programs on the same hook, as `AttachFlag.Before`, `After`, `Replace`, `Id` and `Link` say. */
interface RelativeTail {
  readonly relativeFd?: Fd | undefined
  readonly relativeId?: number | undefined
  readonly expectedRevision?: bigint
}

/** The part that depends on the kind of link. Arrays of 64-bit numbers are as the kernel takes them, one entry a probe. */
export type LinkTail =
  | { readonly kind: 'plain' }
  | { readonly kind: 'targetBtfId'; readonly targetBtfId: number }
  /** `union bpf_iter_link_info`. */
  | { readonly kind: 'iter'; readonly iterInfo?: Uint8Array }
  | { readonly kind: 'perfEvent'; readonly cookie?: bigint }
  | {
      readonly kind: 'kprobeMulti'
      /** `MultiFlag`. */
      readonly flags?: number
      readonly symbols?: readonly string[]
      readonly addresses?: BigUint64Array
      readonly cookies?: BigUint64Array | undefined
    }
  | { readonly kind: 'tracing'; readonly targetBtfId?: number; readonly cookie?: bigint }
  | {
      readonly kind: 'netfilter'
      /** NFPROTO_*. */
      readonly pf: number
      readonly hook: number
      readonly priority: number
      /** `NetfilterFlag`. */
      readonly flags?: number
    }
  | {
      readonly kind: 'uprobeMulti'
      readonly path?: string
      /** With `MultiFlag.PathFd` (7.2). */
      readonly pathFd?: Fd | undefined
      /** File offsets. */
      readonly offsets: BigUint64Array
      readonly refCtrOffsets?: BigUint64Array | undefined
      readonly cookies?: BigUint64Array | undefined
      /** `MultiFlag`. */
      readonly flags?: number
      /** 0 for all processes. */
      readonly pid?: number
    }
  | ({ readonly kind: 'tcx' } & RelativeTail)
  | ({ readonly kind: 'netkit' } & RelativeTail)
  | ({ readonly kind: 'cgroup' } & RelativeTail)
  | { readonly kind: 'tracingMulti'; readonly ids: Uint32Array; readonly cookies?: BigUint64Array | undefined }

/** BPF_LINK_CREATE. Closing the descriptor detaches, unless the link is pinned. @throws SyscallError */
export function linkCreate(sys: Sys, head: LinkHead, tail: LinkTail = { kind: 'plain' }): OwnedFd {
  const { progFd, attachType, flags } = head
  const symbols = tail.kind === 'kprobeMulti' && tail.symbols ? stringArray(sys, tail.symbols) : undefined
  const values = { progFd, targetFd: head.targetFd ?? head.targetIfindex, attachType, flags, ...tailValues(tail, symbols?.pointers) }
  return bpfFd<Layout>(sys, BpfCommand.LinkCreate, layouts[tail.kind], values, `${tail.kind} link`, { keep: [symbols] })
}

function tailValues(tail: LinkTail, symbols: BigUint64Array | undefined): FieldsOf<Layout> {
  switch (tail.kind) {
    case 'plain':
      return {}
    case 'targetBtfId':
      return { targetBtfId: tail.targetBtfId }
    case 'iter':
      return { iterInfo: tail.iterInfo, iterInfoLen: tail.iterInfo?.byteLength }
    case 'perfEvent':
      return { bpfCookie: tail.cookie }
    case 'kprobeMulti': {
      const cnt = symbols?.length ?? tail.addresses?.length
      return { multiFlags: tail.flags, cnt, syms: symbols, addrs: tail.addresses, cookies: tail.cookies }
    }
    case 'tracing':
      return { targetBtfId: tail.targetBtfId, cookie: tail.cookie }
    case 'netfilter':
      return { pf: tail.pf, hooknum: tail.hook, priority: tail.priority, netfilterFlags: tail.flags }
    case 'uprobeMulti': {
      const { path, pathFd, offsets, refCtrOffsets, cookies, flags, pid } = tail
      return { path, pathFd, offsets, refCtrOffsets, cookies, cnt: offsets.length, multiFlags: flags, pid }
    }
    case 'tracingMulti':
      return { ids: tail.ids, cookies: tail.cookies, cnt: tail.ids.length }
    case 'tcx':
    case 'netkit':
    case 'cgroup':
      return { relativeFd: tail.relativeFd ?? tail.relativeId, expectedRevision: tail.expectedRevision }
  }
}

/** `const char *[]`: all texts in one block, and the addresses into it. */
function stringArray(sys: Sys, strings: readonly string[]): { block: Uint8Array; pointers: BigUint64Array } {
  const block = new TextEncoder().encode(strings.map(text => `${text}\0`).join(''))
  const pointers = new BigUint64Array(strings.length)
  let address = strings.length === 0 ? 0n : sys.native.address(block)
  strings.forEach((text, index) => {
    pointers[index] = address
    address += BigInt(Buffer.byteLength(text) + 1)
  })
  return { block, pointers }
}

export interface LinkUpdateOptions {
  readonly linkFd: Fd
  /** For struct_ops links, a map. */
  readonly newProgFd: Fd
  /** Only if this is the current one; sets `AttachFlag.Replace`. */
  readonly oldProgFd?: Fd | undefined
  readonly flags?: number
}

/** BPF_LINK_UPDATE: swaps the program under a link. @throws SyscallError */
export function linkUpdate(sys: Sys, options: LinkUpdateOptions): void {
  const { linkFd, newProgFd, oldProgFd } = options
  const flags = (options.flags ?? 0) | (oldProgFd === undefined ? 0 : AttachFlag.Replace)
  bpf(sys, BpfCommand.LinkUpdate, updateLayout, { linkFd, newProgFd, oldProgFd, flags })
}

/** BPF_LINK_DETACH: detaches though descriptors and pins remain (5.9). @throws SyscallError */
export function linkDetach(sys: Sys, linkFd: Fd): void {
  bpf(sys, BpfCommand.LinkDetach, detachLayout, { linkFd })
}

/** BPF_ITER_CREATE: a descriptor to read(2) an iterator's output from. @throws SyscallError */
export function iterCreate(sys: Sys, linkFd: Fd, flags = 0): OwnedFd {
  return bpfFd(sys, BpfCommand.IterCreate, iterLayout, { linkFd, flags }, 'iterator')
}

export interface RawTracepointOptions {
  readonly progFd: Fd
  /** The tracepoint; absent for programs whose target was fixed when they were loaded. */
  readonly name?: string | undefined
  /** 6.10. */
  readonly cookie?: bigint | undefined
}

/** BPF_RAW_TRACEPOINT_OPEN: the link of raw tracepoints, and on old kernels of every BTF-typed program. @throws SyscallError */
export function rawTracepointOpen(sys: Sys, options: RawTracepointOptions): OwnedFd {
  return bpfFd(sys, BpfCommand.RawTracepointOpen, rawLayout, options, 'raw tracepoint link')
}
