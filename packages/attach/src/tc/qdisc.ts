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
  tcmsg,
} from '@bpf/sys'

/** include/uapi/linux/pkt_sched.h: clsact and ingress hang in the same place, and only clsact has a class of what is sent. */
const place = { handle: 0xffff_0000, parent: 0xffff_fff1 } as const
const TCA_KIND = 1

/** Makes the clsact qdisc that filters hang on; whether none was in its place before. @throws NetlinkError */
export function addClsact(route: NetlinkSocket, ifindex: number): boolean {
  const payload = routePayload(tcmsg, { ifindex, ...place }, [[TCA_KIND, 'clsact']])
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
  const payload = routePayload(tcmsg, { ifindex, ...place })
  route.request({ type: RouteMessage.DelQdisc, payload, what: 'RTM_DELQDISC clsact' })
}

/**
 * Whether the older `ingress` qdisc is where clsact would be. It has filters for what is received only, and takes and tells those
 * whichever direction is asked for. @throws NetlinkError
 */
export function isIngressOnly(route: NetlinkSocket, ifindex: number): boolean {
  const payload = routePayload(tcmsg, { ifindex, parent: place.parent })
  try {
    const answers = route.request({ type: RouteMessage.GetQdisc, flags: MessageFlag.Echo, payload, what: 'RTM_GETQDISC' })
    return answers.some(answer => kindOf(answer) === 'ingress')
  } catch (error) {
    // There is neither, or the interface is gone.
    if (isSyscallError(error, Errno.ENOENT, Errno.EINVAL, Errno.ENODEV)) return false
    throw error
  }
}

/** A qdisc of what is sent, or a class of one, where filters may hang. */
export interface Queue {
  /** `htb`, `fq_codel`, … */
  readonly qdisc: string
  /** Of the qdisc or class, as `tcmsg.parent` of its filters. */
  readonly handle: number
}

/** The qdiscs of what is sent by interface, without their classes. @throws NetlinkError */
export function listQdiscs(route: NetlinkSocket): ReadonlyMap<number, readonly Queue[]> {
  const payload = routePayload(tcmsg, {})
  const answers = route.request({ type: RouteMessage.GetQdisc, flags: MessageFlag.Dump, payload, what: 'RTM_GETQDISC' })
  const byInterface = new Map<number, Queue[]>()
  for (const answer of answers) {
    const { ifindex, handle, parent } = decodeFields(tcmsg, answer.payload)
    // What the kernel made by itself has no handle, and takes no filters.
    if (handle === 0 || parent === place.parent) continue
    const known = byInterface.get(ifindex) ?? []
    byInterface.set(ifindex, [...known, { qdisc: kindOf(answer), handle }])
  }
  return byInterface
}

/** The classes of an interface's qdiscs. @throws NetlinkError */
export function listClasses(route: NetlinkSocket, ifindex: number): readonly Queue[] {
  const payload = routePayload(tcmsg, { ifindex })
  const answers = route.request({ type: RouteMessage.GetTclass, flags: MessageFlag.Dump, payload, what: 'RTM_GETTCLASS' })
  return answers.map(answer => ({ qdisc: kindOf(answer), handle: decodeFields(tcmsg, answer.payload).handle }))
}

/** Of a qdisc, class or filter. */
export function kindOf({ payload }: NetlinkMessage): string {
  const kind = attributeMap(payload.subarray(tcmsg.size)).get(TCA_KIND)
  return kind === undefined ? '' : decodeCString(kind)
}

/** As tc writes it: `1:` of a qdisc, `1:10` of a class. */
export function formatHandle(handle: number): string {
  const minor = handle & 0xffff
  return `${(handle >>> 16).toString(16)}:${minor === 0 ? '' : minor.toString(16)}`
}
