import { type AttachTarget, type Fd, OpenFlag, openFile, progDetach, progQuery, tryOpenById } from '@bpf/sys'
import type { AttachContext } from '../context'
import { inNetns } from '../network'
import { networkNamespaces } from './network-namespaces'
import type { LeftNote } from './note'
import { isNoted, orGone, withProgram } from './noted-program'
import type { PlaceOf } from './place'

type ProgAttachPlace = PlaceOf<'cgroup' | 'netns' | 'sockmap' | 'lirc'>

/** A program at a hook that takes BPF_PROG_ATTACH. */
export function findProgAttached(context: AttachContext, place: ProgAttachPlace, note: LeftNote): (() => void) | undefined {
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

function pathOf(place: PlaceOf<'cgroup' | 'lirc'>): string {
  return place.kind === 'cgroup' ? place.path : place.device
}
