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
import {
  type ActionFacts,
  encodeAction,
  type FilterFacts,
  type FilterKind,
  type FilterOptions,
  filterKinds,
  isFilterKind,
  programsInForeignActions,
} from './filter-kind'
import { isIngressOnly, kindOf, listClasses, type Queue } from './qdisc'

export type Direction = 'ingress' | 'egress'

/** include/uapi/linux/pkt_sched.h: the classes of the clsact qdisc. */
const classes: Readonly<Record<Direction, number>> = { ingress: 0xffff_fff2, egress: 0xffff_fff3 }

const attribute = { kind: 1, options: 2 } as const
const ETH_P_ALL = 0x0003
/** `TCA_ACT_TAB`. */
const actionTable = 1

/** A filter that calls a program. */
export interface ProgramFilter extends FilterFacts {
  /** `matchall`: the program is in an action of it. */
  readonly kind: FilterKind
  /** Lower runs first. */
  readonly priority: number
  /** Tells filters of the same priority apart. */
  readonly handle: number
}

/** One for what an interface receives or sends. */
export interface TcFilter extends ProgramFilter {
  readonly direction: Direction
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
  const facts = echo && (parseFilter(echo) ?? onlyOneOf(route, ifindex, direction, priorityOf(echo)))
  return { kind, direction, priority, handle, name, programId: undefined, directAction, action: undefined, actions: [], ...facts }
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

/** A filter that is no program: `flower`, `u32`, … */
export interface ForeignFilter {
  readonly kind: string
  readonly priority: number
  /** The programs in actions of it. */
  readonly actions: readonly ActionFacts[]
}

export interface FilterList<F extends ProgramFilter = ProgramFilter> {
  /** In the order they run. */
  readonly filters: readonly F[]
  readonly foreign: readonly ForeignFilter[]
}

/** The filters on one side of an interface; none without a qdisc. @throws NetlinkError */
export function listFilters(route: NetlinkSocket, ifindex: number, direction: Direction): FilterList<TcFilter> {
  const { filters, foreign } = filtersOf(route, ifindex, classes[direction])
  if (filters.length + foreign.length > 0 && direction === 'egress' && isIngressOnly(route, ifindex)) return { filters: [], foreign: [] }
  return { filters: filters.map(filter => ({ ...filter, direction })), foreign }
}

/** Filters on a qdisc of what is sent, or on a class of it. */
export interface QueueFilters extends Queue, FilterList {}

/** Those of an interface's qdiscs that have any, other than clsact. @throws NetlinkError */
export function listQueueFilters(route: NetlinkSocket, ifindex: number, qdiscs: readonly Queue[]): readonly QueueFilters[] {
  return [...qdiscs, ...listClasses(route, ifindex)]
    .map(queue => ({ ...queue, ...filtersOf(route, ifindex, queue.handle) }))
    .filter(({ filters, foreign }) => filters.length + foreign.length > 0)
}

function filtersOf(route: NetlinkSocket, ifindex: number, parent: number): FilterList {
  const payload = routePayload(tcmsg, { ifindex, parent })
  const filters: ProgramFilter[] = []
  const foreign: ForeignFilter[] = []
  for (const message of dump(route, payload)) {
    const filter = parseFilter(message)
    const { handle } = decodeFields(tcmsg, message.payload)
    if (filter !== undefined) filters.push(filter)
    else if (handle !== 0 || !isFilterKind(kindOf(message))) foreign.push(parseForeign(message))
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

function optionsOf({ payload }: NetlinkMessage): Uint8Array | undefined {
  return attributeMap(payload.subarray(tcmsg.size)).get(attribute.options)
}

/** Undefined for other kinds, and for the entries of a dump that stand for a whole priority. */
function parseFilter(message: NetlinkMessage): ProgramFilter | undefined {
  const { handle } = decodeFields(tcmsg, message.payload)
  const options = optionsOf(message)
  const kind = kindOf(message)
  if (options === undefined || handle === 0 || !isFilterKind(kind)) return undefined
  const facts = filterKinds[kind].decode(options)
  return facts && { kind, priority: priorityOf(message), handle, ...facts }
}

function parseForeign(message: NetlinkMessage): ForeignFilter {
  const kind = kindOf(message)
  const options = optionsOf(message)
  return { kind, priority: priorityOf(message), actions: options === undefined ? [] : programsInForeignActions(kind, options) }
}

/** Priority, and protocol in network byte order. */
function infoOf(priority: number): number {
  return ((priority << 16) | (ETH_P_ALL << 8)) >>> 0
}
