import { type Fd, getProgInfo, NetlinkProtocol, NetlinkSocket, type Sys } from '@bpf/sys'
import type { AttachContext } from '../context'
import { heldLink } from '../held-link'
import type { AttachableProgram, Link, LinkLabel } from '../link'
import { type InterfaceTarget, inNetns, nameInterface, resolveInterface } from '../network'
import { attachFirst } from '../ways'
import { getXdp, type XdpMode } from '../xdp-netlink'
import { changeDispatcher, type DispatcherPlace, type LoadDispatcher } from './dispatcher'
import { openDispatched, readDispatcherConfig } from './read'
import { actionBits, actionsOf, type RunConfig, usualRunConfig, type XdpAction } from './run-config'

export interface DispatchedTarget extends InterfaceTarget, Partial<RunConfig> {
  /** That of the programs that are there, else what the driver can do, unless given. */
  readonly mode?: XdpMode
  /** It takes packets of several fragments (`BPF_F_XDP_HAS_FRAGS`). */
  readonly frags?: boolean
}

/**
 * Lets a program run beside others on one interface, by a dispatcher as libxdp makes them (5.10): `xdp-loader status` shows
 * it, and `xdp-loader unload` takes it away. The program must be loaded as an extension (freplace) of a dispatcher. It
 * stays when the process ends, as its pins do, and goes when the link is closed.
 *
 * @throws AttachError
 */
export function attachXdpDispatched(
  context: AttachContext,
  program: AttachableProgram,
  target: DispatchedTarget,
  load: LoadDispatcher,
): Link {
  const { sys } = context
  const label = labelOf(program.name, target)
  const { priority = usualRunConfig.priority, chainCallActions = usualRunConfig.chainCallActions, frags = false } = target
  const slot = { name: program.name, priority, chainCallActions: actionBits(chainCallActions), frags, loaded: undefined }
  const attach = () => {
    const place = placeOf(sys, target, label, load)
    const { id } = getProgInfo(sys, program.fd as Fd)
    changeDispatcher(context, place, present => [...present, { ...slot, fd: { fd: program.fd as Fd } }])
    return heldLink({ ...label, interface: 'dispatcher', detach: () => detachXdpDispatched(context, target, id, load) })
  }
  return inNetns(sys, target.netns, () => attachFirst(label, [{ interface: 'dispatcher', attach }]))
}

/** Takes a program away from the others, whoever attached it; nothing happens if it is gone. @throws AttachError, SyscallError */
export function detachXdpDispatched(context: AttachContext, target: DispatchedTarget, programId: number, load: LoadDispatcher): void {
  inNetns(context.sys, target.netns, () => {
    const dispatcher = queryHere(context, target)
    if (!dispatcher?.programs.some(({ programId: id }) => id === programId)) return
    const place = placeOf(context.sys, target, labelOf(String(programId), target), load)
    changeDispatcher(context, place, present => present.filter(({ id }) => id !== programId))
  })
}

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
  return inNetns(context.sys, target.netns, () => queryHere(context, target))
}

function queryHere(context: AttachContext, target: InterfaceTarget): XdpDispatcher | undefined {
  const ifindex = resolveInterface(context.sys, target.interface, labelOf('', target))
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

function placeOf(sys: Sys, target: DispatchedTarget, label: LinkLabel, load: LoadDispatcher): DispatcherPlace {
  return { ifindex: resolveInterface(sys, target.interface, label), mode: target.mode, label, load }
}

function labelOf(program: string, target: InterfaceTarget): LinkLabel {
  return { kind: 'xdp', program, target: `XDP dispatcher of ${nameInterface(target)}` }
}
