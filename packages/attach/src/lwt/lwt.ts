import { nameOf } from '@bpf/bytes'
import {
  Errno,
  isSyscallError,
  MessageFlag,
  type NetlinkAttribute,
  NetlinkError,
  NetlinkProtocol,
  NetlinkSocket,
  ProgType,
  routePayload,
  type SyscallError,
} from '@bpf/sys'
import type { AttachContext } from '../context'
import { AttachError } from '../errors'
import { ownerTag } from '../leftover/owner-tag'
import { heldLink } from '../link/held-link'
import type { AttachableProgram, Link, LinkLabel } from '../link/link'
import { type InterfaceTarget, inNetns, nameInterface, resolveInterface } from '../network'
import { attachFirst, type Explanation } from '../ways'
import { type IpNetwork, parseIpAddress, parseIpNetwork } from './ip-address'
import {
  bpfHooks,
  bpfProgram,
  LWT_BPF_XMIT_HEADROOM,
  LWTUNNEL_ENCAP_BPF,
  LWTUNNEL_ENCAP_SEG6_LOCAL,
  RT_TABLE_MAIN,
  RTN_UNICAST,
  RTPROT_STATIC,
  routeAttribute,
  routeMessage,
  rtmsg,
  scope,
  seg6,
} from './route-message'

/** A route whose packets go through a program. */
export interface LwtTarget extends InterfaceTarget {
  /** `10.1.0.0/16`, `2001:db8::/32`. The route is made, and taken away again. */
  readonly destination: string
  /** The next router's address. */
  readonly via?: string
  /** Of the routing table; the main one unless given. */
  readonly table?: number
  /** Lower is preferred. */
  readonly metric?: number
  /** Bytes that an `lwt_xmit` program may put before a packet. */
  readonly headroom?: number
}

/** Attaches an `lwt_in`, `lwt_out`, `lwt_xmit` or `lwt_seg6local` program by a route (4.10; 4.18). @throws AttachError */
export function attachLwt({ sys, kernel }: AttachContext, program: AttachableProgram, target: LwtTarget): Link {
  const label: LinkLabel = { kind: 'lwt', program: program.name, target: `route to ${target.destination} by ${nameInterface(target)}` }
  const network = parseIpNetwork(target.destination)
  if (network === undefined)
    throw new AttachError({
      ...label,
      problem: `${JSON.stringify(target.destination)} is no network`,
      hint: 'write 10.1.0.0/16 or 2001:db8::/32',
    })
  // Routes outlive us: they say whose they are.
  const name = `${ownerTag(kernel.files)}_${program.name}`
  const encapsulation = encapsulate(label, program, name, target.headroom)
  const attach = () => {
    const route = new NetlinkSocket(sys, NetlinkProtocol.Route)
    try {
      const ifindex = resolveInterface(sys, target.interface, label)
      const common = routeAttributes(label, network, target, ifindex)
      const flags = MessageFlag.Create | MessageFlag.Exclusive
      const payload = routePayload(rtmsg, routeHead(network, target), [...common, ...encapsulation])
      route.request({ type: routeMessage.newRoute, flags, payload, what: 'RTM_NEWROUTE encap bpf' })
      const head = routePayload(rtmsg, { ...routeHead(network, target), scope: undefined }, common)
      return heldLink({ ...label, interface: 'netlink', detach: () => removeRoute(route, head) })
    } catch (error) {
      route.close()
      throw error
    }
  }
  return inNetns(sys, target.netns, () => attachFirst(label, [{ interface: 'netlink', attach }], { explain }))
}

function routeHead({ family, prefix }: IpNetwork, { table = RT_TABLE_MAIN, via }: LwtTarget) {
  return {
    family,
    dstLen: prefix,
    // Larger numbers are in an routeAttribute.
    table: table < 256 ? table : 0,
    protocol: RTPROT_STATIC,
    scope: via === undefined ? scope.link : scope.universe,
    type: RTN_UNICAST,
  }
}

function routeAttributes(
  { program, target: name }: LinkLabel,
  { address }: IpNetwork,
  target: LwtTarget,
  ifindex: number,
): NetlinkAttribute[] {
  const gateway = target.via === undefined ? undefined : parseIpAddress(target.via)
  if (target.via !== undefined && gateway?.byteLength !== address.byteLength) {
    throw new AttachError({ program, target: name, problem: `${JSON.stringify(target.via)} is no address of that family` })
  }
  return [
    [routeAttribute.dst, address],
    [routeAttribute.oif, ifindex],
    ...(gateway === undefined ? [] : ([[routeAttribute.gateway, gateway]] as const)),
    ...(target.table === undefined ? [] : ([[routeAttribute.table, target.table]] as const)),
    ...(target.metric === undefined ? [] : ([[routeAttribute.priority, target.metric]] as const)),
  ]
}

function encapsulate({ target }: LinkLabel, program: AttachableProgram, name: string, headroom: number | undefined): NetlinkAttribute[] {
  const reference: NetlinkAttribute[] = [
    [bpfProgram.fd, program.fd],
    [bpfProgram.name, name],
  ]
  if (program.type === ProgType.LwtSeg6local) {
    return encap(LWTUNNEL_ENCAP_SEG6_LOCAL, [
      [seg6.action, seg6.endBpf],
      [seg6.bpf, reference],
    ])
  }
  const hook = bpfHooks[program.type]
  if (hook === undefined) {
    throw new AttachError({
      program: program.name,
      target,
      problem: `programs of type ${nameOf(ProgType, program.type) ?? program.type} do not go to routes`,
    })
  }
  const room: NetlinkAttribute[] = headroom === undefined ? [] : [[LWT_BPF_XMIT_HEADROOM, headroom]]
  return encap(LWTUNNEL_ENCAP_BPF, [[hook, reference], ...room])
}

function encap(type: number, inside: readonly NetlinkAttribute[]): NetlinkAttribute[] {
  return [
    [routeAttribute.encapType, new Uint8Array(Uint16Array.of(type).buffer)],
    [routeAttribute.encap, inside],
  ]
}

function removeRoute(route: NetlinkSocket, payload: Uint8Array): void {
  try {
    route.request({ type: routeMessage.delRoute, payload, what: 'RTM_DELROUTE' })
  } catch (error) {
    // Somebody took it away, or the interface is gone.
    if (!isSyscallError(error, Errno.ESRCH, Errno.ENODEV)) throw error
  }
  route.close()
}

function explain(error: SyscallError): Explanation | undefined {
  const text = error instanceof NetlinkError ? error.text : undefined
  const known: Readonly<Record<number, Explanation>> = {
    [Errno.EEXIST]: { problem: 'there is such a route already', hint: 'another metric or table makes room' },
    [Errno.ENODEV]: { problem: 'there is no such network interface' },
    [Errno.ENETUNREACH]: { problem: text ?? 'the next router cannot be reached', hint: 'is the interface up?' },
    [Errno.ENETDOWN]: { problem: 'the interface is down' },
    [Errno.EOPNOTSUPP]: { problem: text ?? 'this kernel has no such tunnels (CONFIG_LWTUNNEL_BPF, CONFIG_IPV6_SEG6_BPF)' },
  }
  return known[error.errno] ?? (text === undefined ? undefined : { problem: text })
}
