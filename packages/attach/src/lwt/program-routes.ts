import { decodeCString } from '@bpf/bytes'
import {
  attributeMap,
  attributeNumber,
  decodeFields,
  MessageFlag,
  type NetlinkAttribute,
  type NetlinkMessage,
  type NetlinkSocket,
  routePayload,
} from '@bpf/sys'
import { formatIpAddress } from './ip-address'
import {
  bpfProgram,
  LWTUNNEL_ENCAP_BPF,
  LWTUNNEL_ENCAP_SEG6_LOCAL,
  lwtHooks,
  routeAttribute,
  routeMessage,
  rtmsg,
  seg6,
} from './route-message'

export type RouteHook = 'lwt_in' | 'lwt_out' | 'lwt_xmit' | 'lwt_seg6local'

/** A program that the packets of a route go through. */
export interface ProgramRoute {
  /** `10.1.0.0/16` */
  readonly destination: string
  readonly table: number
  readonly ifindex: number | undefined
  readonly hook: RouteHook
  /** As whoever made the route named the program, often by object and section. */
  readonly name: string | undefined
  /** The kernel tells it of `lwt_seg6local` only. */
  readonly programId: number | undefined
  /** What RTM_DELROUTE takes to remove the route and no other. */
  readonly payload: Uint8Array
}

const AF_INET = 2

/** The routes through programs in all tables of the socket's network namespace, one entry a program. @throws NetlinkError */
export function programRoutes(route: NetlinkSocket): readonly ProgramRoute[] {
  const payload = routePayload(rtmsg, {})
  return route.request({ type: routeMessage.getRoute, flags: MessageFlag.Dump, payload, what: 'RTM_GETROUTE' }).flatMap(programsOfRoute)
}

function programsOfRoute(message: NetlinkMessage): readonly ProgramRoute[] {
  const attributes = attributeMap(message.payload.subarray(rtmsg.size))
  const programs = programsIn(attributes)
  if (programs.length === 0) return []
  const head = decodeFields(rtmsg, message.payload)
  const { dst, oif, gateway, priority, table } = routeAttribute
  const same = [dst, oif, gateway, priority, table].flatMap((type): NetlinkAttribute[] => {
    const value = attributes.get(type)
    return value === undefined ? [] : [[type, value]]
  })
  const address = attributes.get(dst) ?? new Uint8Array(head.family === AF_INET ? 4 : 16)
  const whole = {
    destination: `${formatIpAddress(address)}/${head.dstLen}`,
    table: attributeNumber(attributes.get(table)) ?? head.table,
    ifindex: attributeNumber(attributes.get(oif)),
    payload: routePayload(rtmsg, { ...head, flags: 0 }, same),
  }
  return programs.map(program => ({ ...whole, ...program }))
}

/** By the type of encapsulation: in which attribute the program of which hook is. */
const hooks: Readonly<Record<number, Readonly<Partial<Record<RouteHook, number>>>>> = {
  [LWTUNNEL_ENCAP_BPF]: lwtHooks,
  [LWTUNNEL_ENCAP_SEG6_LOCAL]: { lwt_seg6local: seg6.bpf },
}

function programsIn(attributes: ReadonlyMap<number, Uint8Array>): readonly Pick<ProgramRoute, 'hook' | 'name' | 'programId'>[] {
  const inside = attributes.get(routeAttribute.encap)
  if (inside === undefined) return []
  const encapsulation = attributeMap(inside)
  const known = hooks[attributeNumber(attributes.get(routeAttribute.encapType)) ?? 0] ?? {}
  return Object.entries(known).flatMap(([hook, attribute]) => {
    const nested = encapsulation.get(attribute)
    if (nested === undefined) return []
    const program = attributeMap(nested)
    const name = program.get(bpfProgram.name)
    return [{ hook: hook as RouteHook, name: name && decodeCString(name), programId: attributeNumber(program.get(bpfProgram.fd)) }]
  })
}
