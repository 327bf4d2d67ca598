import type { AttachContext } from '../context'
import { startNote } from '../leftover/note'
import { type InterfaceTarget, inNetns } from '../network'
import type { XdpMode } from '../xdp/xdp-netlink'
import { changeDispatcher, type LoadDispatcher } from './dispatcher'
import { dispatcherLabel, dispatcherPlace } from './place'
import { dispatcherHere } from './query'

/** Takes a program away from the others, whoever attached it; nothing happens if it is gone. @throws AttachError, SyscallError */
export function detachXdpDispatched(
  context: AttachContext,
  target: InterfaceTarget & { readonly mode?: XdpMode },
  programId: number,
  load: LoadDispatcher,
): void {
  inNetns(context.sys, target.netns, () => {
    const dispatcher = dispatcherHere(context, target)
    if (!dispatcher?.programs.some(({ programId: id }) => id === programId)) return
    const label = dispatcherLabel(String(programId), target)
    const here = dispatcherPlace(context.sys, target, label)
    const note = startNote(context, label, here)
    const place = { ifindex: here.ifindex, mode: target.mode, label, load, record: (pins: readonly string[]) => note.write([], pins) }
    try {
      changeDispatcher(context, place, present => present.filter(({ id }) => id !== programId))
    } finally {
      note.remove()
    }
  })
}
