import { NetlinkProtocol, NetlinkSocket } from '@bpf/sys'
import type { AttachContext } from '../context'
import { type InterfaceTarget, inNetns, resolveInterface } from '../network'
import { getXdp, type XdpMode } from '../xdp/xdp-netlink'
import { dispatcherLabel } from './place'
import { openDispatched, readDispatcherConfig } from './read'
import { actionsOf, type XdpAction } from './run-config'

/** The programs behind a dispatcher, whoever attached them. */
export interface XdpDispatcher {
  readonly mode: XdpMode
  readonly programId: number
  /** Of the protocol. */
  readonly version: number
  /** In the order they run; none of a version other than 2, which is left alone. */
  readonly programs: readonly Dispatched[]
}

export interface Dispatched {
  readonly programId: number
  readonly name: string
  readonly tag: Uint8Array
  readonly priority: number
  readonly chainCallActions: readonly XdpAction[]
  readonly frags: boolean
}

/** The dispatcher on an interface; undefined if there is none. @throws AttachError, SyscallError */
export function queryXdpDispatcher(context: AttachContext, target: InterfaceTarget): XdpDispatcher | undefined {
  return inNetns(context.sys, target.netns, () => dispatcherHere(context, target))
}

/** The same in this thread's network namespace. */
export function dispatcherHere(context: AttachContext, target: InterfaceTarget): XdpDispatcher | undefined {
  const ifindex = resolveInterface(context.sys, target.interface, dispatcherLabel('', target))
  using route = new NetlinkSocket(context.sys, NetlinkProtocol.Route)
  for (const [mode, programId] of getXdp(route, ifindex)) {
    const read = readDispatcherConfig(context, programId)
    if (read === undefined) continue
    const opened = openDispatched(context, ifindex, programId, read.config?.slots ?? []) ?? []
    const programs = opened.map(({ id, name, loaded, priority, chainCallActions, frags }) => ({
      programId: id,
      name,
      tag: loaded.tag,
      priority,
      chainCallActions: actionsOf(chainCallActions),
      frags,
    }))
    for (const { fd } of opened) fd.close()
    return { mode, programId, version: read.version, programs }
  }
  return undefined
}
