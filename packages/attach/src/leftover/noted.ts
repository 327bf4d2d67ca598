import { AttachType, snakeName } from '@bpf/sys'
import type { AttachContext } from '../context'
import { type LeftNote, leftNotes } from './note'
import { findDispatched } from './noted-dispatched'
import { findProgAttached } from './noted-prog-attach'
import { findStructOps } from './noted-struct-ops'
import { findXdp } from './noted-xdp'
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
