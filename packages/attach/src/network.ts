import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { BpfError, decodeCString, nearNames } from '@bpf/bytes'
import {
  attributeMap,
  decodeFields,
  Errno,
  type Fd,
  ifinfomsg,
  inNetworkNamespace,
  interfaceIndex,
  isSyscallError,
  MessageFlag,
  NetlinkProtocol,
  NetlinkSocket,
  RouteMessage,
  routePayload,
  type Sys,
} from '@bpf/sys'
import { AttachError } from './errors'
import type { LinkLabel } from './link/link'

/** Where a network program goes. */
export interface InterfaceTarget {
  /** A name, or an index. */
  readonly interface: string | number
  /** The network namespace it is in, by path (`/run/netns/blue`) or descriptor; this thread's unless given. */
  readonly netns?: string | Fd
}

/** Runs `action` in a network namespace, or here. @throws BpfError with near names when it does not exist */
export function inNetns<T>(sys: Sys, netns: string | Fd | undefined, action: () => T): T {
  if (netns === undefined) return action()
  try {
    return inNetworkNamespace(sys, netns, action)
  } catch (error) {
    if (!isSyscallError(error, Errno.ENOENT) || error.attributes['path'] !== netns) throw error
    throw new BpfError('ERR_BPF_NETNS', `there is no network namespace at ${netns}`, { cause: error, hint: netnsHint(String(netns)) })
  }
}

/** Where ip(8) keeps network namespaces by name. */
const namedNamespaces = '/run/netns'

/** Which there are, where `path` is none. */
export function netnsHint(path: string): string {
  const names = existsSync(namedNamespaces) ? readdirSync(namedNamespaces) : []
  const pathsOf = (some: readonly string[]) => some.map(name => join(namedNamespaces, name))
  const near = pathsOf(nearNames(basename(path), names))
  return near.length > 0 ? `did you mean ${near.join(' or ')}?` : `it is a path: ${[...pathsOf(names), '/proc/PID/ns/net'].join(', ')}`
}

/** `eth0`, `interface 7`, `eth0 in /run/netns/blue`. */
export function nameInterface({ interface: wanted, netns }: InterfaceTarget): string {
  const name = typeof wanted === 'number' ? `interface ${wanted}` : wanted
  return netns === undefined ? name : `${name} in ${typeof netns === 'string' ? netns : `namespace descriptor ${netns}`}`
}

const shownNames = 10

/** Index of an interface of this thread's network namespace. @throws AttachError with near names when there is none */
export function resolveInterface(sys: Sys, wanted: string | number, { program, target }: LinkLabel): number {
  if (typeof wanted === 'number') return wanted
  try {
    return interfaceIndex(sys, wanted)
  } catch (error) {
    if (!isSyscallError(error, Errno.ENODEV)) throw error
    const names = interfaceNames(sys)
    const near = nearNames(wanted, names)
    const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : `there are ${names.slice(0, shownNames).join(', ')}`
    throw new AttachError({ program, target, problem: 'there is no such network interface', hint, cause: error })
  }
}

/** `IFLA_*` (include/uapi/linux/if_link.h). */
const linkAttribute = { name: 3, info: 18 } as const
const IFLA_INFO_KIND = 1

/** A network interface as the kernel describes it. */
export interface NetworkInterface {
  readonly ifindex: number
  readonly name: string
  /** `veth`, `netkit`, …; undefined for hardware and the loopback. */
  readonly kind: string | undefined
  /** `IFLA_*` by number. */
  readonly attributes: ReadonlyMap<number, Uint8Array>
}

/** The interfaces of the socket's network namespace. @throws NetlinkError */
export function listInterfaces(route: NetlinkSocket): readonly NetworkInterface[] {
  const payload = routePayload(ifinfomsg, {})
  const answers = route.request({ type: RouteMessage.GetLink, flags: MessageFlag.Dump, payload, what: 'RTM_GETLINK' })
  return answers.map(({ payload: answer }) => {
    const attributes = attributeMap(answer.subarray(ifinfomsg.size))
    const info = attributes.get(linkAttribute.info)
    return {
      ifindex: decodeFields(ifinfomsg, answer).index,
      name: textOf(attributes.get(linkAttribute.name)) ?? '',
      kind: info && textOf(attributeMap(info).get(IFLA_INFO_KIND)),
      attributes,
    }
  })
}

function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes && decodeCString(bytes)
}

function interfaceNames(sys: Sys): readonly string[] {
  using route = new NetlinkSocket(sys, NetlinkProtocol.Route)
  return listInterfaces(route).map(({ name }) => name)
}
