import { decodeCString } from '@bpf/bytes'
import {
  attributeMap,
  attributeNumber,
  decodeFields,
  Errno,
  isSyscallError,
  MessageFlag,
  type NetlinkMessage,
  type NetlinkSocket,
  RouteMessage,
  routePayload,
  tcmsg,
} from '@bpf/sys'

export type Direction = 'ingress' | 'egress'

/** include/uapi/linux/pkt_sched.h: the clsact qdisc hangs where the ingress qdisc does, and has two classes. */
const clsact = { handle: 0xffff_0000, parent: 0xffff_fff1 } as const
const classes: Readonly<Record<Direction, number>> = { ingress: 0xffff_fff2, egress: 0xffff_fff3 }

const attribute = { kind: 1, options: 2 } as const
/** `TCA_BPF_*` (include/uapi/linux/pkt_cls.h). */
const bpfOption = { classid: 3, fd: 6, name: 7, flags: 8, id: 11 } as const
const directActionFlag = 1
const ETH_P_ALL = 0x0003

/** A filter by which an interface calls a program. */
export interface TcFilter {
  readonly direction: Direction
  /** Lower runs first. */
  readonly priority: number
  /** Tells filters of the same priority apart. */
  readonly handle: number
  readonly name: string | undefined
  readonly programId: number | undefined
  /** The program's return value is the verdict. */
  readonly directAction: boolean
}

/** Makes the clsact qdisc that filters hang on; whether it was not there before. @throws NetlinkError */
export function addClsact(route: NetlinkSocket, ifindex: number): boolean {
  const payload = routePayload(tcmsg, { ifindex, ...clsact }, [[attribute.kind, 'clsact']])
  try {
    route.request({ type: RouteMessage.NewQdisc, flags: MessageFlag.Create | MessageFlag.Exclusive, payload, what: 'RTM_NEWQDISC clsact' })
    return true
  } catch (error) {
    if (isSyscallError(error, Errno.EEXIST)) return false
    throw error
  }
}

/** Removes the clsact qdisc, with every filter on it. @throws NetlinkError */
export function removeClsact(route: NetlinkSocket, ifindex: number): void {
  const payload = routePayload(tcmsg, { ifindex, ...clsact })
  route.request({ type: RouteMessage.DelQdisc, payload, what: 'RTM_DELQDISC clsact' })
}

export interface NewFilter {
  readonly ifindex: number
  readonly direction: Direction
  readonly progFd: number
  readonly name: string
  /** 0: the kernel chooses one before all others. */
  readonly priority: number
  /** 0: the kernel chooses. */
  readonly handle: number
  readonly directAction: boolean
  readonly classId?: number | undefined
  /** Take the place of the filter of that priority and handle. */
  readonly replace?: boolean
}

/** Adds a filter, or puts another program in it; returns it as the kernel made it. @throws NetlinkError */
export function addFilter(route: NetlinkSocket, filter: NewFilter): TcFilter {
  const { ifindex, direction, handle, progFd, name, directAction, classId, replace = false } = filter
  const payload = routePayload(tcmsg, { ifindex, handle, parent: classes[direction], info: infoOf(filter.priority) }, [
    [attribute.kind, 'bpf'],
    [
      attribute.options,
      [
        [bpfOption.fd, progFd],
        [bpfOption.name, name],
        [bpfOption.flags, directAction ? directActionFlag : 0],
        ...(classId === undefined ? [] : [[bpfOption.classid, classId] as const]),
      ],
    ],
  ])
  const flags = MessageFlag.Create | MessageFlag.Echo | (replace ? 0 : MessageFlag.Exclusive)
  const answers = route.request({ type: RouteMessage.NewTfilter, flags, payload, what: 'RTM_NEWTFILTER bpf' })
  const [echo] = answers.filter(({ type }) => type === RouteMessage.NewTfilter)
  const made = echo === undefined ? undefined : parseFilter(echo, direction)
  return made ?? { direction, priority: filter.priority, handle, name, programId: undefined, directAction }
}

/** Removes one filter. @throws NetlinkError ENOENT if it is gone */
export function removeFilter(route: NetlinkSocket, ifindex: number, { direction, priority, handle }: TcFilter): void {
  const payload = routePayload(tcmsg, { ifindex, handle, parent: classes[direction], info: infoOf(priority) }, [[attribute.kind, 'bpf']])
  route.request({ type: RouteMessage.DelTfilter, payload, what: 'RTM_DELTFILTER bpf' })
}

/** A filter that calls no program, or none of BPF: `flower`, `u32`, … */
export interface ForeignFilter {
  readonly kind: string
  readonly priority: number
}

export interface FilterList {
  /** In the order they run. */
  readonly filters: readonly TcFilter[]
  readonly foreign: readonly ForeignFilter[]
}

/** The filters on one side of an interface; none without a qdisc. @throws NetlinkError */
export function listFilters(route: NetlinkSocket, ifindex: number, direction: Direction): FilterList {
  const payload = routePayload(tcmsg, { ifindex, parent: classes[direction] })
  const filters: TcFilter[] = []
  const foreign: ForeignFilter[] = []
  for (const message of dump(route, payload)) {
    const filter = parseFilter(message, direction)
    const { info } = decodeFields(tcmsg, message.payload)
    if (filter !== undefined) filters.push(filter)
    else if (kindOf(message) !== 'bpf') foreign.push({ kind: kindOf(message), priority: info >>> 16 })
  }
  return { filters, foreign }
}

function dump(route: NetlinkSocket, payload: Uint8Array): readonly NetlinkMessage[] {
  try {
    return route.request({ type: RouteMessage.GetTfilter, flags: MessageFlag.Dump, payload, what: 'RTM_GETTFILTER' })
  } catch (error) {
    if (isSyscallError(error, Errno.EINVAL, Errno.ENOENT)) return []
    throw error
  }
}

function kindOf({ payload }: NetlinkMessage): string {
  const kind = attributeMap(payload.subarray(tcmsg.size)).get(attribute.kind)
  return kind === undefined ? '' : decodeCString(kind)
}

/** Undefined for other kinds, and for the entries of a dump that stand for a whole priority. */
function parseFilter(message: NetlinkMessage, direction: Direction): TcFilter | undefined {
  const { handle, info } = decodeFields(tcmsg, message.payload)
  const options = attributeMap(message.payload.subarray(tcmsg.size)).get(attribute.options)
  if (options === undefined || handle === 0 || kindOf(message) !== 'bpf') return undefined
  const bpf = attributeMap(options)
  const name = bpf.get(bpfOption.name)
  return {
    direction,
    priority: info >>> 16,
    handle,
    name: name && decodeCString(name),
    programId: attributeNumber(bpf.get(bpfOption.id)),
    directAction: ((attributeNumber(bpf.get(bpfOption.flags)) ?? 0) & directActionFlag) !== 0,
  }
}

/** Priority, and protocol in network byte order. */
function infoOf(priority: number): number {
  return ((priority << 16) | (ETH_P_ALL << 8)) >>> 0
}
