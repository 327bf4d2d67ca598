import { AttachFlag, type Fd } from '@bpf/sys'
import type { AttachableProgram, Link } from './link/link'

/** Another attachment on the same hook: a program by handle or id, or a link by id. */
export type Neighbour = { readonly program: Pick<AttachableProgram, 'fd'> | number } | { readonly link: Pick<Link, 'id'> | number }

/** Where among the programs of a hook a new one goes (tcx and netkit 6.6, cgroups 6.17). */
export type Place = 'first' | 'last' | { readonly before: Neighbour } | { readonly after: Neighbour }

/** A place as the kernel takes it. */
export interface Anchor {
  /** `AttachFlag`. */
  readonly flags: number
  readonly relativeFd?: Fd
  readonly relativeId?: number
}

export function anchorOf(place: Place | undefined): Anchor {
  if (place === undefined) return { flags: 0 }
  if (place === 'first') return { flags: AttachFlag.Before }
  if (place === 'last') return { flags: AttachFlag.After }
  const before = 'before' in place
  const { flags, ...neighbour } = neighbourOf(before ? place.before : place.after)
  return { flags: flags | (before ? AttachFlag.Before : AttachFlag.After), ...neighbour }
}

function neighbourOf(neighbour: Neighbour): Anchor {
  if ('link' in neighbour) {
    const relativeId = typeof neighbour.link === 'number' ? neighbour.link : (neighbour.link.id ?? 0)
    return { flags: AttachFlag.Link | AttachFlag.Id, relativeId }
  }
  const { program } = neighbour
  return typeof program === 'number' ? { flags: AttachFlag.Id, relativeId: program } : { flags: 0, relativeFd: program.fd as Fd }
}

/** Whether a place is next to a link, or next to a program. */
export function nextTo(place: Place | undefined, kind: 'link' | 'program'): boolean {
  return typeof place === 'object' && kind in ('before' in place ? place.before : place.after)
}
