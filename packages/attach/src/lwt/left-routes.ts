import { decodeCString } from '@bpf/bytes'
import type { Files } from '@bpf/kernel'
import {
  attributeMap,
  attributeNumber,
  decodeFields,
  Errno,
  isSyscallError,
  MessageFlag,
  type NetlinkAttribute,
  type NetlinkSocket,
  routePayload,
} from '@bpf/sys'
import { isLeftOver } from '../leftover/owner-tag'
import { formatIpAddress } from './ip-address'
import {
  bpfHooks,
  bpfProgram,
  LWTUNNEL_ENCAP_BPF,
  LWTUNNEL_ENCAP_SEG6_LOCAL,
  routeAttribute,
  routeMessage,
  rtmsg,
  seg6,
} from './route-message'

const AF_INET = 2

/** A route through a program of ours whose process has ended. */
export interface LeftRoute {
  /** `10.1.0.0/16` */
  readonly destination: string
  /** The program's name in the route, with the mark. */
  readonly name: string
  /** What RTM_DELROUTE takes to remove it and no other. */
  readonly payload: Uint8Array
}

/** The routes of ours that are left over, in all tables of the socket's network namespace. @throws NetlinkError */
export function leftRoutes(route: NetlinkSocket, files: Files): readonly LeftRoute[] {
  const payload = routePayload(rtmsg, {})
  const answers = route.request({ type: routeMessage.getRoute, flags: MessageFlag.Dump, payload, what: 'RTM_GETROUTE' })
  return answers.flatMap(answer => {
    const head = decodeFields(rtmsg, answer.payload)
    const attributes = attributeMap(answer.payload.subarray(rtmsg.size))
    const name = programNameOf(attributes)
    if (name === undefined || !isLeftOver(files, name)) return []
    const { dst, oif, gateway, priority, table } = routeAttribute
    const same = [dst, oif, gateway, priority, table].flatMap((type): NetlinkAttribute[] => {
      const value = attributes.get(type)
      return value === undefined ? [] : [[type, value]]
    })
    const address = attributes.get(dst) ?? new Uint8Array(head.family === AF_INET ? 4 : 16)
    const destination = `${formatIpAddress(address)}/${head.dstLen}`
    return [{ destination, name, payload: routePayload(rtmsg, { ...head, flags: 0 }, same) }]
  })
}

/** @throws NetlinkError */
export function removeLeftRoute(route: NetlinkSocket, { payload }: LeftRoute): void {
  try {
    route.request({ type: routeMessage.delRoute, payload, what: 'RTM_DELROUTE' })
  } catch (error) {
    // Somebody was faster.
    if (!isSyscallError(error, Errno.ESRCH, Errno.ENODEV)) throw error
  }
}

/** Undefined for routes that go through no program. */
function programNameOf(attributes: ReadonlyMap<number, Uint8Array>): string | undefined {
  const type = attributeNumber(attributes.get(routeAttribute.encapType)) ?? 0
  const inside = attributes.get(routeAttribute.encap)
  if (inside === undefined) return undefined
  const encap = attributeMap(inside)
  const hooks: Readonly<Record<number, readonly number[]>> = {
    [LWTUNNEL_ENCAP_BPF]: Object.values(bpfHooks),
    [LWTUNNEL_ENCAP_SEG6_LOCAL]: [seg6.bpf],
  }
  const programs = (hooks[type] ?? []).map(hook => encap.get(hook))
  const names = programs.map(program => program && attributeMap(program).get(bpfProgram.name))
  const name = names.find(bytes => bytes !== undefined)
  return name && decodeCString(name)
}
