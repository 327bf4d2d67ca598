import {
  AttachType,
  duplicateFd,
  Errno,
  type Fd,
  infoLayouts,
  isSyscallError,
  linkCreate,
  MapFlag,
  objGetInfo,
  type Sys,
  type SyscallError,
} from '@bpf/sys'
import type { AttachContext } from '../context'
import { LinkError } from '../errors'
import { startNote } from '../leftover/note'
import { heldLink } from '../link/held-link'
import { kernelLink } from '../link/kernel-link'
import type { Link, LinkLabel } from '../link/link'
import { attachFirst, type Explanation } from '../ways'
import { fillStructOps, registerByUpdate, unregisterByDelete } from './struct-ops-update'

/** A struct_ops map, and what goes into it. */
export interface StructOpsTarget {
  /** Its descriptor stays the caller's. */
  readonly map: { readonly fd: number; readonly name: string }
  /** The implementation in the kernel's layout, with descriptors of programs in the places of functions. */
  readonly value: Uint8Array
}

/**
 * Registers an implementation of a kernel interface (5.6), such as a TCP congestion control. A map that was made for it is
 * registered by a link (6.4), and its link takes another map by `update`; other maps are, from when they are filled until their
 * element is deleted.
 *
 * @throws AttachError
 */
export function attachStructOps(context: AttachContext, { map, value }: StructOpsTarget): Link {
  const { sys } = context
  const label: LinkLabel = { kind: 'struct_ops', program: map.name, target: `struct_ops of map "${map.name}"` }
  const { id: mapId, mapFlags } = objGetInfo(sys, map.fd as Fd, infoLayouts.mapInfo, {})
  const byLink = (mapFlags & MapFlag.Link) !== 0
  const way = byLink
    ? ({ interface: 'bpf link', attach: () => registerByLink(sys, label, map.fd as Fd, value) } as const)
    : ({ interface: 'map update', attach: () => registerByMap(context, label, { map: map.fd as Fd, mapId, value }) } as const)
  return attachFirst(label, [way], { explain })
}

function registerByLink(sys: Sys, label: LinkLabel, map: Fd, value: Uint8Array): Link {
  fillStructOps(sys, map, value)
  const fd = linkCreate(sys, { progFd: map, attachType: AttachType.StructOps })
  return kernelLink(sys, fd, label)
}

interface MapRegistration {
  readonly map: Fd
  readonly mapId: number
  readonly value: Uint8Array
}

/** Updating registers, deleting unregisters. */
function registerByMap(context: AttachContext, label: LinkLabel, { map, mapId, value }: MapRegistration): Link {
  const { sys } = context
  // Whatever detaching takes is there before anything is registered.
  const own = duplicateFd(sys, map, `map "${label.program}"`)
  const note = startNote(context, label, { kind: 'struct_ops', mapId })
  try {
    note.write([])
    registerByUpdate(sys, own.fd, value)
  } catch (error) {
    note.remove()
    own.close()
    throw error
  }
  const detach = () => {
    try {
      unregisterByDelete(sys, own.fd)
    } catch (error) {
      if (!isSyscallError(error, Errno.ENOENT)) throw error
    }
    own.close()
    note.remove()
  }
  return heldLink({ ...label, interface: 'map update', detach })
}

/** Puts the implementation of another map in the place of a linked one, without a gap (6.4). @throws LinkError */
export function updateStructOps({ sys }: AttachContext, link: Link, next: StructOpsTarget): void {
  try {
    fillStructOps(sys, next.map.fd as Fd, next.value)
  } catch (error) {
    if (!isSyscallError(error)) throw error
    throw new LinkError(link, `cannot take map "${next.map.name}": ${error.errnoName}`, { cause: error })
  }
  link.update({ name: next.map.name, fd: next.map.fd })
}

function explain({ errno }: SyscallError): Explanation | undefined {
  const known: Readonly<Record<number, Explanation>> = {
    [Errno.EEXIST]: { problem: 'an implementation of that name is registered already' },
    [Errno.EBUSY]: { problem: 'its map is registered already, or was', hint: 'such a map serves once: load the object again' },
    [Errno.EINVAL]: { hint: 'the kernel may insist on functions that the implementation lacks, or refuse its values' },
  }
  return known[errno]
}
