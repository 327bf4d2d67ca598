import { Errno, type Fd, getProgInfo, isSyscallError } from '@bpf/sys'
import type { AttachContext } from '../context'
import { AttachError } from '../errors'
import { startNote } from '../leftover/note'
import { clearPlace } from '../leftover/noted'
import { heldLink } from '../link/held-link'
import type { AttachableProgram, Link } from '../link/link'
import type { InterfaceTarget } from '../network'
import { inNetns } from '../network'
import { attachFirst } from '../ways'
import type { XdpMode } from '../xdp/xdp-netlink'
import { detachXdpDispatched } from './detach'
import { changeDispatcher, type LoadDispatcher } from './dispatcher'
import { removePins } from './pins'
import { dispatcherLabel, dispatcherPlace } from './place'
import { actionBits, type RunConfig, usualRunConfig } from './run-config'

export interface DispatchedTarget extends InterfaceTarget, Partial<RunConfig> {
  /** That of the programs that are there, else what the driver can do, unless given. */
  readonly mode?: XdpMode
  /** It takes packets of several fragments (`BPF_F_XDP_HAS_FRAGS`). */
  readonly frags?: boolean
}

/**
 * Lets a program run beside others on one interface, by a dispatcher as libxdp makes them (5.10): `xdp-loader status` shows
 * it, and `xdp-loader unload` takes it away. The program must be loaded as an extension (freplace) of a dispatcher. It
 * goes when the link is closed; when the process is killed its pins keep it, and it is noted.
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
  const label = dispatcherLabel(program.name, target)
  const { priority = usualRunConfig.priority, chainCallActions = usualRunConfig.chainCallActions, frags = false } = target
  const slot = { name: program.name, priority, chainCallActions: actionBits(chainCallActions), frags, loaded: undefined }
  const progFd = program.fd as Fd
  const attach = () => {
    const here = dispatcherPlace(sys, target, label)
    for (const kind of ['xdp', 'dispatcher'] as const) clearPlace({ ...context, loadDispatcher: load }, { ...here, kind })
    const note = startNote(context, label, here)
    let pins: readonly string[] = []
    const record = (directories: readonly string[]) => {
      pins = directories
      note.write([progFd], pins)
    }
    try {
      changeDispatcher(context, { ifindex: here.ifindex, mode: target.mode, label, load, record }, present => [
        ...present,
        { ...slot, fd: { fd: progFd } },
      ])
    } catch (error) {
      note.remove()
      throw error
    }
    const { id } = getProgInfo(sys, progFd)
    const detach = () => {
      try {
        detachXdpDispatched(context, target, id, load)
      } catch (error) {
        if (!isGone(error)) throw error
        pins.forEach(removePins)
      }
      note.remove()
    }
    return heldLink({ ...label, interface: 'dispatcher', detach })
  }
  return inNetns(sys, target.netns, () => attachFirst(label, [{ interface: 'dispatcher', attach }]))
}

/** The interface, or the namespace that it was in. */
function isGone(error: unknown): boolean {
  const cause = error instanceof AttachError ? error.cause : error
  return isSyscallError(cause, Errno.ENODEV, Errno.ENOENT)
}
