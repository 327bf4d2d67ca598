import { AttachType, Errno, type Fd, isSyscallError, NetlinkProtocol, NetlinkSocket, type Sys } from '@bpf/sys'
import type { AttachContext } from '../context'
import { type ProgramRoute, programRoutes } from '../lwt/program-routes'
import { queryNetkit } from '../netkit'
import { queryNetns } from '../netns'
import { inNetns, listInterfaces, type NetworkInterface } from '../network'
import { listQueueFilters } from '../tc/filters'
import { formatHandle, listQdiscs, type Queue } from '../tc/qdisc'
import { type NamedFilters, nameFilters, type TcState, tcState } from '../tc/tc'
import type { AttachedXdp } from '../xdp/xdp'
import { xdpOf } from '../xdp/xdp-netlink'
import { type HookState, programName } from './hook'
import { type AttachedNetfilter, queryNetfilter } from './links'

/** What one interface calls, in the order of a packet's way in. */
export interface InterfacePrograms {
  readonly ifindex: number
  readonly name: string
  /** `veth`, `netkit`, …; undefined for hardware and the loopback. */
  readonly kind: string | undefined
  readonly xdp: readonly AttachedXdp[]
  readonly ingress: TcState
  readonly egress: TcState
  /** Filters that sort what is sent into queues: those of `htb`, `fq_codel` and the like. */
  readonly queues: readonly QueuePrograms[]
  /** Both sides of a netkit pair, at its primary device; undefined elsewhere. */
  readonly netkit: { readonly primary: HookState; readonly peer: HookState } | undefined
}

/** The filters of a qdisc of what is sent, or of a class of it. */
export interface QueuePrograms extends NamedFilters {
  /** `htb` */
  readonly qdisc: string
  /** `1:` of a qdisc, `1:10` of a class. */
  readonly parent: string
}

/** Every BPF program of a network namespace. */
export interface NetPrograms {
  /** By index, also those without a program. */
  readonly interfaces: readonly InterfacePrograms[]
  readonly flowDissector: HookState
  readonly skLookup: HookState
  /** Of all namespaces: the kernel does not tell which one a netfilter link is in. */
  readonly netfilter: readonly AttachedNetfilter[]
  /** In all tables, those whose packets go through programs. */
  readonly routes: readonly ProgramRoute[]
}

export interface QueryNetOptions {
  /** By path or descriptor; this thread's unless given. */
  readonly netns?: string | Fd
}

/** What is attached in a network namespace, by anyone. @throws SyscallError */
export function queryNet(context: AttachContext, { netns }: QueryNetOptions = {}): NetPrograms {
  const { sys } = context
  return inNetns(sys, netns, () => {
    using route = new NetlinkSocket(sys, NetlinkProtocol.Route)
    const qdiscs = listQdiscs(route)
    return {
      interfaces: listInterfaces(route).map(device => interfacePrograms(context, route, device, qdiscs.get(device.ifindex) ?? [])),
      flowDissector: orNothing(() => queryNetns(context, undefined, AttachType.FlowDissector)),
      skLookup: orNothing(() => queryNetns(context, undefined, AttachType.SkLookup)),
      netfilter: queryNetfilter(context),
      routes: programRoutes(route),
    }
  })
}

function interfacePrograms(
  context: AttachContext,
  route: NetlinkSocket,
  device: NetworkInterface,
  qdiscs: readonly Queue[],
): InterfacePrograms {
  const { sys } = context
  const { ifindex, name, kind } = device
  return {
    ifindex,
    name,
    kind,
    xdp: xdpPrograms(sys, device),
    ingress: tcState(sys, route, ifindex, 'ingress'),
    egress: tcState(sys, route, ifindex, 'egress'),
    queues: queuePrograms(sys, route, ifindex, qdiscs),
    netkit: kind === 'netkit' ? netkitPrograms(context, ifindex) : undefined,
  }
}

function queuePrograms(sys: Sys, route: NetlinkSocket, ifindex: number, qdiscs: readonly Queue[]): readonly QueuePrograms[] {
  if (qdiscs.length === 0) return []
  const all = listQueueFilters(route, ifindex, qdiscs)
  return all.map(({ qdisc, handle, ...filters }) => ({ qdisc, parent: formatHandle(handle), ...nameFilters(sys, filters) }))
}

function xdpPrograms(sys: Sys, { attributes }: NetworkInterface): readonly AttachedXdp[] {
  return [...xdpOf(attributes)].map(([mode, id]) => ({ mode, programId: id, programName: programName(sys, id) }))
}

/** The peer device answers EACCES: its programs are told at the primary one. */
function netkitPrograms(context: AttachContext, ifindex: number): InterfacePrograms['netkit'] {
  try {
    return {
      primary: queryNetkit(context, { interface: ifindex, side: 'primary' }),
      peer: queryNetkit(context, { interface: ifindex, side: 'peer' }),
    }
  } catch (error) {
    if (isSyscallError(error, Errno.EACCES, Errno.EINVAL)) return undefined
    throw error
  }
}

/** Kernels without a hook have nothing on it. */
function orNothing(query: () => HookState): HookState {
  try {
    return query()
  } catch (error) {
    if (isSyscallError(error, Errno.EINVAL)) return { programs: [], flags: 0, revision: undefined }
    throw error
  }
}
