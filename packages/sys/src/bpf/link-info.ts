import { decodeCString } from '@bpf/bytes'
import { PerfLinkType } from '../constants/flags'
import { LinkType } from '../constants/link-type'
import { Errno } from '../errno'
import type { FieldsOf, Layout, ReadOf } from '../layout'
import type { Fd } from '../owned-fd'
import type { Sys } from '../sys'
import { isSyscallError } from '../syscall-error'
import { linkInfo as layouts } from './info-layouts'
import { objGetInfo } from './object'

/** What every link says, and what its kind adds. */
export type LinkInfo = {
  /** `LinkType`. */
  readonly type: number
  readonly id: number
  /** 0 for struct_ops. */
  readonly progId: number
} & LinkDetail

/** Arrays are one entry a probe; addresses are 0, and cookies absent, where the kernel does not tell. */
export type LinkDetail =
  | { readonly kind: 'rawTracepoint'; readonly name: string; readonly cookie: bigint }
  | {
      readonly kind: 'tracing'
      readonly attachType: number
      /** Id of the program for freplace, of the BTF object otherwise. */
      readonly targetObjId: number
      readonly targetBtfId: number
      readonly cookie: bigint
    }
  | { readonly kind: 'cgroup'; readonly cgroupId: bigint; readonly attachType: number }
  | {
      readonly kind: 'iter'
      readonly target: string
      readonly mapId: number
      /** Cgroup iterators: the cgroup. Task iterators: thread id, and process id in the upper half. */
      readonly cgroupOrTask: bigint
      readonly order: number
    }
  | { readonly kind: 'netns'; readonly netnsIno: number; readonly attachType: number }
  | { readonly kind: 'xdp'; readonly ifindex: number }
  | { readonly kind: 'structOps'; readonly mapId: number }
  | { readonly kind: 'netfilter'; readonly pf: number; readonly hook: number; readonly priority: number; readonly flags: number }
  | {
      readonly kind: 'kprobeMulti'
      readonly count: number
      /** `MultiFlag`. */
      readonly flags: number
      readonly missed: bigint
      readonly addresses: BigUint64Array
      readonly cookies: BigUint64Array | undefined
    }
  | {
      readonly kind: 'uprobeMulti'
      readonly path: string
      readonly count: number
      readonly flags: number
      readonly pid: number
      readonly offsets: BigUint64Array
      readonly refCtrOffsets: BigUint64Array
      readonly cookies: BigUint64Array
    }
  | {
      readonly kind: 'tracingMulti'
      readonly attachType: number
      readonly count: number
      readonly btfObjId: number
      readonly ids: Uint32Array
      readonly addresses: BigUint64Array
      readonly cookies: BigUint64Array
    }
  | { readonly kind: 'tcx' | 'netkit'; readonly ifindex: number; readonly attachType: number }
  | { readonly kind: 'sockmap'; readonly mapId: number; readonly attachType: number }
  | PerfLinkDetail
  /** A type newer than this package, or a perf event from before 6.6. */
  | { readonly kind: 'unknown' }

export type PerfLinkDetail = { readonly kind: 'perfEvent'; readonly cookie: bigint } & (
  | {
      readonly event: 'uprobe' | 'uretprobe'
      readonly path: string
      readonly offset: number
      readonly refCtrOffset: bigint
    }
  | {
      readonly event: 'kprobe' | 'kretprobe'
      /** Empty when the probe was placed by address. */
      readonly function: string
      readonly offset: number
      readonly address: bigint
      readonly missed: bigint
    }
  | { readonly event: 'tracepoint'; readonly name: string }
  /** `type` and `config` of perf_event_open. */
  | { readonly event: 'event'; readonly eventType: number; readonly config: bigint }
)

/** BPF_OBJ_GET_INFO_BY_FD of a link. @throws SyscallError */
export function getLinkInfo(sys: Sys, fd: Fd): LinkInfo {
  const { type, id, progId } = objGetInfo(sys, fd, layouts.head, {})
  const detail = readers[type]?.(new LinkReader(sys, fd)) ?? { kind: 'unknown' }
  return { type, id, progId, ...detail }
}

/** Asks for one link's info in one layout or another. */
class LinkReader {
  readonly #sys: Sys
  readonly #fd: Fd

  constructor(sys: Sys, fd: Fd) {
    this.#sys = sys
    this.#fd = fd
  }

  ask<L extends Layout>(table: L, request: FieldsOf<L> = {} as FieldsOf<L>): ReadOf<L> {
    return objGetInfo(this.#sys, this.#fd, table, request)
  }

  /** `ask`, or undefined if the kernel knows fewer fields than `request` sets. */
  askNewer<L extends Layout>(table: L, request: FieldsOf<L>): ReadOf<L> | undefined {
    try {
      return this.ask(table, request)
    } catch (error) {
      if (isSyscallError(error, Errno.E2BIG, Errno.EINVAL)) return undefined
      throw error
    }
  }
}

/** Room for the longest path, function or tracepoint name. */
const nameRoom = 4096

const readers: Readonly<Record<number, (link: LinkReader) => LinkDetail | undefined>> = {
  [LinkType.RawTracepoint](link) {
    const tpName = new Uint8Array(nameRoom)
    const { cookie } = link.ask(layouts.rawTracepoint, { tpName, tpNameLen: nameRoom })
    return { kind: 'rawTracepoint', name: decodeCString(tpName), cookie }
  },
  [LinkType.Tracing](link) {
    const { attachType, targetObjId, targetBtfId, cookie } = link.ask(layouts.tracing)
    return { kind: 'tracing', attachType, targetObjId, targetBtfId, cookie }
  },
  [LinkType.Cgroup](link) {
    const { cgroupId, attachType } = link.ask(layouts.cgroup)
    return { kind: 'cgroup', cgroupId, attachType }
  },
  [LinkType.Iter](link) {
    const targetName = new Uint8Array(nameRoom)
    const { mapId, cgroupId, order } = link.ask(layouts.iter, { targetName, targetNameLen: nameRoom })
    return { kind: 'iter', target: decodeCString(targetName), mapId, cgroupOrTask: cgroupId, order }
  },
  [LinkType.Netns](link) {
    const { netnsIno, attachType } = link.ask(layouts.netns)
    return { kind: 'netns', netnsIno, attachType }
  },
  [LinkType.Xdp]: link => ({ kind: 'xdp', ifindex: link.ask(layouts.xdp).ifindex }),
  [LinkType.PerfEvent]: perfDetail,
  [LinkType.KprobeMulti](link) {
    const { count, flags, missed } = link.ask(layouts.kprobeMulti)
    const addrs = new BigUint64Array(count)
    const cookies = new BigUint64Array(count)
    const withCookies = link.askNewer(layouts.kprobeMulti, { addrs, count, cookies })
    if (withCookies === undefined) link.ask(layouts.kprobeMulti, { addrs, count })
    return { kind: 'kprobeMulti', count, flags, missed, addresses: addrs, cookies: withCookies && cookies }
  },
  [LinkType.StructOps]: link => ({ kind: 'structOps', mapId: link.ask(layouts.structOps).mapId }),
  [LinkType.Netfilter](link) {
    const { pf, hooknum, priority, flags } = link.ask(layouts.netfilter)
    return { kind: 'netfilter', pf, hook: hooknum, priority, flags }
  },
  [LinkType.Tcx]: link => ({ kind: 'tcx', ...onInterface(link) }),
  [LinkType.UprobeMulti](link) {
    const { count } = link.ask(layouts.uprobeMulti)
    const [offsets, refCtrOffsets, cookies] = [0, 1, 2].map(() => new BigUint64Array(count)) as [
      BigUint64Array,
      BigUint64Array,
      BigUint64Array,
    ]
    const path = new Uint8Array(nameRoom)
    const { flags, pid } = link.ask(layouts.uprobeMulti, { path, pathSize: nameRoom, count, offsets, refCtrOffsets, cookies })
    return { kind: 'uprobeMulti', path: decodeCString(path), count, flags, pid, offsets, refCtrOffsets, cookies }
  },
  [LinkType.Netkit]: link => ({ kind: 'netkit', ...onInterface(link) }),
  [LinkType.Sockmap](link) {
    const { mapId, attachType } = link.ask(layouts.sockmap)
    return { kind: 'sockmap', mapId, attachType }
  },
  [LinkType.TracingMulti](link) {
    const { attachType, count, btfObjId } = link.ask(layouts.tracingMulti)
    const ids = new Uint32Array(count)
    const addrs = new BigUint64Array(count)
    const cookies = new BigUint64Array(count)
    link.ask(layouts.tracingMulti, { count, ids, addrs, cookies })
    return { kind: 'tracingMulti', attachType, count, btfObjId, ids, addresses: addrs, cookies }
  },
}

function onInterface(link: LinkReader): { ifindex: number; attachType: number } {
  const { ifindex, attachType } = link.ask(layouts.tcx)
  return { ifindex, attachType }
}

function perfDetail(link: LinkReader): PerfLinkDetail | undefined {
  const { perfType } = link.ask(layouts.perfEvent)
  const name = new Uint8Array(nameRoom)
  switch (perfType) {
    case PerfLinkType.Uprobe:
    case PerfLinkType.Uretprobe: {
      const { offset, cookie, refCtrOffset } = link.ask(layouts.perfUprobe, { fileName: name, nameLen: nameRoom })
      const event = perfType === PerfLinkType.Uprobe ? 'uprobe' : 'uretprobe'
      return { kind: 'perfEvent', event, path: decodeCString(name), offset, refCtrOffset, cookie }
    }
    case PerfLinkType.Kprobe:
    case PerfLinkType.Kretprobe: {
      const { offset, addr, missed, cookie } = link.ask(layouts.perfKprobe, { funcName: name, nameLen: nameRoom })
      const event = perfType === PerfLinkType.Kprobe ? 'kprobe' : 'kretprobe'
      return { kind: 'perfEvent', event, function: decodeCString(name), offset, address: addr, missed, cookie }
    }
    case PerfLinkType.Tracepoint: {
      const { cookie } = link.ask(layouts.perfTracepoint, { tpName: name, nameLen: nameRoom })
      return { kind: 'perfEvent', event: 'tracepoint', name: decodeCString(name), cookie }
    }
    case PerfLinkType.Event: {
      const { config, eventType, cookie } = link.ask(layouts.perfRaw)
      return { kind: 'perfEvent', event: 'event', eventType, config, cookie }
    }
    default:
      return undefined
  }
}
