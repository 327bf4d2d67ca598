import { existsSync } from 'node:fs'
import { BpfError } from '@bpf/bytes'
import {
  type AttachTarget,
  AttachType,
  Errno,
  type Fd,
  infoLayouts,
  isSyscallError,
  mapOps,
  NetlinkProtocol,
  NetlinkSocket,
  OpenFlag,
  objGetInfo,
  openFile,
  progDetach,
  progQuery,
  snakeName,
  tryOpenById,
} from '@bpf/sys'
import type { AttachContext } from '../context'
import { inNetns } from '../network'
import { detachXdpDispatched } from '../xdp-dispatcher/detach'
import type { LoadDispatcher } from '../xdp-dispatcher/dispatcher'
import { dispatcherOfPins, removePins } from '../xdp-dispatcher/pins'
import { queryXdpDispatcher } from '../xdp-dispatcher/query'
import { getXdp, unsetXdp, xdpModeFlags } from '../xdp-netlink'
import { networkNamespaces } from './network-namespaces'
import { type LeftNote, leftNotes, notedProgram } from './note'
import { isSamePlace, type Place } from './place'

/** Something that a process of ours left attached when it ended. */
export interface Leftover {
  readonly kind: 'xdp' | 'xdp dispatcher' | 'prog_attach' | 'struct_ops' | 'route' | 'tc filter' | 'tracefs event'
  /** `program "drop" at XDP of eth0`. */
  readonly description: string
  /** Detaches it; nothing happens if somebody else did meanwhile. @throws SyscallError */
  remove(): void
}

/** What notes tell of and is still attached. Notes of what is not are removed. @throws SyscallError */
export function notedLeftovers(context: AttachContext): readonly Leftover[] {
  return leftNotes(context).flatMap(note => {
    const detach = findAttached(context, note)
    if (detach === undefined) {
      note.remove()
      return []
    }
    const remove = () => {
      detach()
      note.remove()
    }
    return [{ kind: kindOf(note.place), description: `program "${note.program}" at ${describe(note)}`, remove }]
  })
}

/** Makes room where we are about to attach. @throws SyscallError */
export function clearPlace(context: AttachContext, place: Place): void {
  for (const note of leftNotes(context)) {
    if (!isSamePlace(note.place, place)) continue
    findAttached(context, note)?.()
    note.remove()
  }
}

function kindOf({ kind }: Place): Leftover['kind'] {
  if (kind === 'dispatcher') return 'xdp dispatcher'
  return kind === 'xdp' || kind === 'struct_ops' ? kind : 'prog_attach'
}

function describe({ target, place }: LeftNote): string {
  return place.kind === 'netns' ? `${snakeName(AttachType, place.attachType)} of network namespace net:[${place.netns}]` : target
}

/** How to detach what a note tells of; undefined if it is not attached. @throws SyscallError */
function findAttached(context: AttachContext, note: LeftNote): (() => void) | undefined {
  const { place } = note
  switch (place.kind) {
    case 'xdp':
      return findXdp(context, place, note)
    case 'dispatcher':
      return findDispatched(context, place, note)
    case 'struct_ops':
      return findStructOps(context, place, note)
    default:
      return findProgAttached(context, place, note)
  }
}

function findXdp(context: AttachContext, { netns, ifindex }: Place & { kind: 'xdp' }, note: LeftNote): (() => void) | undefined {
  const { sys } = context
  const namespace = networkNamespaces(context.kernel.files).get(netns)
  if (namespace === undefined) return undefined
  const attached = inNetns(sys, namespace, () => {
    using route = new NetlinkSocket(sys, NetlinkProtocol.Route)
    return [...orGone(() => getXdp(route, ifindex), new Map())].find(([, id]) => isNoted(context, note, id))
  })
  if (attached === undefined) return undefined
  const [mode, progId] = attached
  return () =>
    withProgram(context, progId, progFd =>
      inNetns(sys, namespace, () => {
        using route = new NetlinkSocket(sys, NetlinkProtocol.Route)
        unsetXdp(route, { ifindex, flags: xdpModeFlags[mode], progFd, progId })
      }),
    )
}

/** A program behind a dispatcher, and the pins of dispatchers that never came to be attached, or no longer are. */
function findDispatched(context: AttachContext, { netns, ifindex }: Place & { kind: 'dispatcher' }, note: LeftNote) {
  const namespace = networkNamespaces(context.kernel.files).get(netns)
  const target = namespace === undefined ? undefined : { netns: namespace, interface: ifindex }
  const dispatcher = target && orGone(() => queryXdpDispatcher(context, target), undefined)
  const program = dispatcher?.programs.find(({ programId }) => isNoted(context, note, programId))
  const orphans = note.pins.filter(directory => existsSync(directory) && !isDispatcher(directory, dispatcher?.programId))
  if (program === undefined && orphans.length === 0) return undefined
  return () => {
    if (target !== undefined && program !== undefined)
      detachXdpDispatched(context, target, program.programId, context.loadDispatcher ?? noDispatcher)
    orphans.forEach(removePins)
  }
}

/** Whatever else a note may say is no directory of pins, and not for us to remove. */
function isDispatcher(directory: string, programId: number | undefined): boolean {
  const id = dispatcherOfPins(directory)
  return id === undefined || id === programId
}

/** Only needed if others run behind the same dispatcher. */
const noDispatcher: LoadDispatcher = () => {
  throw new BpfError('ERR_BPF_NO_DISPATCHER', 'others run behind the same XDP dispatcher, which must be made anew', {
    hint: 'findLeftovers of @bpf/loader can do that',
  })
}

type ProgAttachPlace = Exclude<Place, { kind: 'xdp' | 'dispatcher' | 'struct_ops' }>

function findProgAttached(context: AttachContext, place: ProgAttachPlace, note: LeftNote): (() => void) | undefined {
  const { sys } = context
  const { attachType } = place
  const id = atHook(context, place, target =>
    progQuery(sys, { ...target, attachType }).programs.find(p => isNoted(context, note, p.progId)),
  )
  if (id === undefined) return undefined
  const detach = (progFd: Fd) => atHook(context, place, target => progDetach(sys, { ...detachTarget(place, target), progFd, attachType }))
  return () => withProgram(context, id.progId, detach)
}

/** BPF_PROG_DETACH knows the calling thread's network namespace only, and wants no descriptor; BPF_PROG_QUERY wants it. */
function detachTarget(place: ProgAttachPlace, target: AttachTarget): AttachTarget {
  return place.kind === 'netns' ? { targetFd: 0 as Fd } : target
}

/** What somebody may have taken away, with the hook or without. */
const gone = [Errno.ENOENT, Errno.ENODEV, Errno.ESRCH, Errno.EINVAL, Errno.EBADF] as const

/** Runs `action` on the hook of a place; undefined if either is gone. @throws SyscallError */
function atHook<T>(context: AttachContext, place: ProgAttachPlace, action: (target: AttachTarget) => T): T | undefined {
  const { sys, kernel } = context
  return orGone(() => {
    if (place.kind === 'netns') {
      const namespace = networkNamespaces(kernel.files).get(place.netns)
      if (namespace === undefined) return undefined
      using held = openFile(sys, namespace)
      return inNetns(sys, held.fd, () => action({ targetFd: held.fd }))
    }
    using hook = place.kind === 'sockmap' ? tryOpenById(sys, 'map', place.mapId) : openFile(sys, pathOf(place), OpenFlag.Nonblock)
    return hook && action({ targetFd: hook.fd })
  }, undefined)
}

function pathOf(place: Extract<ProgAttachPlace, { kind: 'cgroup' | 'lirc' }>): string {
  return place.kind === 'cgroup' ? place.path : place.device
}

/** `struct bpf_struct_ops_common_value`: a reference count, and the state. */
const structOpsState = { offset: 4, inUse: 1 } as const

function findStructOps({ sys }: AttachContext, { mapId }: Place & { kind: 'struct_ops' }, note: LeftNote): (() => void) | undefined {
  using map = tryOpenById(sys, 'map', mapId)
  if (map === undefined) return undefined
  const { name, valueSize } = objGetInfo(sys, map.fd, infoLayouts.mapInfo, {})
  if (!note.program.startsWith(name)) return undefined
  const ops = mapOps(sys, map.fd, { keySize: 4, valueSize })
  if (ops.lookup() !== 0) return undefined
  const state = new DataView(ops.value.buffer, ops.value.byteOffset).getUint32(structOpsState.offset, true)
  if (state !== structOpsState.inUse) return undefined
  return () => {
    using registered = tryOpenById(sys, 'map', mapId)
    if (registered !== undefined) mapOps(sys, registered.fd, { keySize: 4, valueSize }).delete()
  }
}

function isNoted(context: AttachContext, { programs }: LeftNote, id: number): boolean {
  const noted = programs.filter(program => program.id === id)
  using program = noted.length === 0 ? undefined : tryOpenById(context.sys, 'prog', id)
  return program !== undefined && noted.some(({ loadTime }) => loadTime === notedProgram(context, program.fd).loadTime)
}

function withProgram({ sys }: AttachContext, id: number, action: (progFd: Fd) => void): void {
  using program = tryOpenById(sys, 'prog', id)
  if (program !== undefined) orGone(() => action(program.fd), undefined)
}

function orGone<T>(action: () => T, otherwise: T): T {
  try {
    return action()
  } catch (error) {
    if (isSyscallError(error, ...gone)) return otherwise
    throw error
  }
}
