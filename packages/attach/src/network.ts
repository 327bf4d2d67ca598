import { decodeCString, nearNames } from '@bpf/bytes'
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
import type { LinkLabel } from './link'

/** Where a network program goes. */
export interface InterfaceTarget {
  /** A name, or an index. */
  readonly interface: string | number
  /** The network namespace it is in, by path (`/run/netns/blue`) or descriptor; this thread's unless given. */
  readonly netns?: string | Fd
}

/** Runs `action` in a network namespace, or here. */
export function inNetns<T>(sys: Sys, netns: string | Fd | undefined, action: () => T): T {
  return netns === undefined ? action() : inNetworkNamespace(sys, netns, action)
}

/** `eth0`, `interface 7`, `eth0 in /run/netns/blue`. */
export function nameInterface({ interface: wanted, netns }: InterfaceTarget): string {
  const name = typeof wanted === 'number' ? `interface ${wanted}` : wanted
  return netns === undefined ? name : `${name} in ${typeof netns === 'string' ? netns : `namespace descriptor ${netns}`}`
}

/** Index of an interface of this thread's network namespace. @throws AttachError with near names when there is none */
export function resolveInterface(sys: Sys, wanted: string | number, { program, target }: LinkLabel): number {
  if (typeof wanted === 'number') return wanted
  try {
    return interfaceIndex(sys, wanted)
  } catch (error) {
    if (!isSyscallError(error, Errno.ENODEV)) throw error
    const near = nearNames(wanted, interfaceNames(sys).values())
    const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : undefined
    throw new AttachError({ program, target, problem: 'there is no such network interface', hint, cause: error })
  }
}

const IFLA_IFNAME = 3

/** The interfaces of this thread's network namespace, by index. @throws SyscallError */
function interfaceNames(sys: Sys): ReadonlyMap<number, string> {
  using route = new NetlinkSocket(sys, NetlinkProtocol.Route)
  const payload = routePayload(ifinfomsg, {})
  const answers = route.request({ type: RouteMessage.GetLink, flags: MessageFlag.Dump, payload, what: 'RTM_GETLINK' })
  return new Map(
    answers.map(({ payload: answer }) => {
      const name = attributeMap(answer.subarray(ifinfomsg.size)).get(IFLA_IFNAME)
      return [decodeFields(ifinfomsg, answer).index, name === undefined ? '' : decodeCString(name)]
    }),
  )
}
