import { decodeCString } from '@bpf/bytes'
import {
  attributeMap,
  decodeFields,
  Errno,
  isSyscallError,
  MessageFlag,
  type NetlinkMessage,
  type NetlinkSocket,
  RouteMessage,
  routePayload,
  tcamsg,
  tcmsg,
} from '@bpf/sys'
import { encodeAction, type FilterFacts, type FilterKind, type FilterOptions, filterKinds, isFilterKind } from './tc-filter-kind'

export type Direction = 'ingress' | 'egress'

/** include/uapi/linux/pkt_sched.h: the clsact qdisc hangs where the ingress qdisc does, and has two classes. */
const clsact = { handle: 0xffff_0000, parent: 0xffff_fff1 } as const
const classes: Readonly<Record<Direction, number>> = { ingress: 0xffff_fff2, egress: 0xffff_fff3 }

const attribute = { kind: 1, options: 2 } as const
const ETH_P_ALL = 0x0003
/** `TCA_ACT_TAB`. */
const actionTable = 1

/** A filter by which an interface calls a program. */
export interface TcFilter extends FilterFacts {
  /** `matchall`: the program is in an action of it. */
  readonly kind: FilterKind
  readonly direction: Direction
  /** Lower runs first. */
  readonly priority: number
  /** Tells filters of the same priority apart. */
  readonly handle: number
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

export interface NewFilter extends FilterOptions {
  readonly kind: FilterKind
  readonly ifindex: number
  readonly direction: Direction
  /** 0: the kernel chooses one before all others. */
  readonly priority: number
  /** 0: the kernel chooses. */
  readonly handle: number
  /** Take the place of the filter of that priority and handle. */
  readonly replace?: boolean
}

/** Adds a filter, or puts another program in it; returns it as the kernel made it. @throws NetlinkError */
export function addFilter(route: NetlinkSocket, filter: NewFilter): TcFilter {
  const { kind, ifindex, direction, priority, handle, name, directAction, replace = false } = filter
  const payload = routePayload(tcmsg, { ifindex, handle, parent: classes[direction], info: infoOf(priority) }, [
    [attribute.kind, kind],
    [attribute.options, filterKinds[kind].encode(filter)],
  ])
  const flags = MessageFlag.Create | MessageFlag.Echo | (replace ? 0 : MessageFlag.Exclusive)
  const answers = route.request({ type: RouteMessage.NewTfilter, flags, payload, what: `RTM_NEWTFILTER ${kind}` })
  const [echo] = answers.filter(({ type }) => type === RouteMessage.NewTfilter)
  const made = echo && (parseFilter(echo, direction) ?? onlyOneOf(route, ifindex, direction, priorityOf(echo)))
  return made ?? { kind, direction, priority, handle, name, programId: undefined, directAction, action: undefined }
}

/** Of matchall the kernel echoes the priority alone, which takes no other filter beside it. */
function onlyOneOf(route: NetlinkSocket, ifindex: number, direction: Direction, priority: number): TcFilter | undefined {
  return listFilters(route, ifindex, direction).filters.find(filter => filter.priority === priority)
}

/** Removes one filter. @throws NetlinkError ENOENT if it is gone */
export function removeFilter(route: NetlinkSocket, ifindex: number, { kind, direction, priority, handle }: TcFilter): void {
  const payload = routePayload(tcmsg, { ifindex, handle, parent: classes[direction], info: infoOf(priority) }, [[attribute.kind, kind]])
  route.request({ type: RouteMessage.DelTfilter, payload, what: `RTM_DELTFILTER ${kind}` })
}

/** Puts another program into an action. @throws NetlinkError */
export function replaceAction(route: NetlinkSocket, index: number, options: Pick<FilterOptions, 'progFd' | 'name'>): void {
  const payload = routePayload(tcamsg, {}, [[actionTable, [[1, encodeAction(options, index)]]]])
  route.request({ type: RouteMessage.NewAction, flags: MessageFlag.Create | MessageFlag.Replace, payload, what: 'RTM_NEWACTION bpf' })
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
    const { handle } = decodeFields(tcmsg, message.payload)
    if (filter !== undefined) filters.push(filter)
    else if (handle !== 0 || !isFilterKind(kindOf(message))) foreign.push({ kind: kindOf(message), priority: priorityOf(message) })
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

function priorityOf({ payload }: NetlinkMessage): number {
  return decodeFields(tcmsg, payload).info >>> 16
}

function kindOf({ payload }: NetlinkMessage): string {
  const kind = attributeMap(payload.subarray(tcmsg.size)).get(attribute.kind)
  return kind === undefined ? '' : decodeCString(kind)
}

/** Undefined for other kinds, and for the entries of a dump that stand for a whole priority. */
function parseFilter(message: NetlinkMessage, direction: Direction): TcFilter | undefined {
  const { handle } = decodeFields(tcmsg, message.payload)
  const options = attributeMap(message.payload.subarray(tcmsg.size)).get(attribute.options)
  const kind = kindOf(message)
  if (options === undefined || handle === 0 || !isFilterKind(kind)) return undefined
  const facts = filterKinds[kind].decode(options)
  return facts && { kind, direction, priority: priorityOf(message), handle, ...facts }
}

/** Priority, and protocol in network byte order. */
function infoOf(priority: number): number {
  return ((priority << 16) | (ETH_P_ALL << 8)) >>> 0
}
