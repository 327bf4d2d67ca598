import {
  AttachFlag,
  type AttachTarget,
  duplicateFd,
  Errno,
  type Fd,
  isSyscallError,
  type OwnedFd,
  type ProgQueryOptions,
  progAttach,
  progDetach,
  progQuery,
  type Relative,
  type Sys,
} from '@bpf/sys'
import type { AttachContext } from './context'
import { startNote } from './leftover/note'
import type { Place } from './leftover/place'
import { heldLink } from './link/held-link'
import type { AttachableProgram, Link, LinkLabel, Replacement } from './link/link'
import { programId } from './query/hook'

export interface ProgAttachRequest {
  readonly target: AttachTarget
  /** `AttachType`. */
  readonly attachType: number
  /** `AttachFlag`. */
  readonly flags?: number
  readonly relative?: Relative
  /** How this hook takes another program: attaching `over` the present one, or with BPF_F_REPLACE. */
  readonly replace?: 'over' | 'flag'
  /** The hook as a note of it says. */
  readonly place: Place
  /** A descriptor that must stay open for detaching; closed with the link, also when attaching fails. */
  readonly hold?: OwnedFd | undefined
  /** What to ask which programs are there, if that is something else. */
  readonly queried?: AttachTarget
  /** Runs each call where it must be made: in a network namespace. */
  readonly within?: (action: () => void) => void
}

/** Attaches with BPF_PROG_ATTACH; what is left over at the place is for the caller to clear. @throws SyscallError */
export function progAttachLink(context: AttachContext, label: LinkLabel, program: AttachableProgram, request: ProgAttachRequest): Link {
  const { sys } = context
  const { target, attachType, flags = 0, relative, replace, hold, place, queried = target, within = action => action() } = request
  const note = startNote(context, label, place)
  let current: OwnedFd | undefined
  const release = () => {
    current?.close()
    hold?.close()
  }
  try {
    current = duplicateFd(sys, program.fd, `program "${program.name}"`)
    const progFd = current.fd
    note.write([progFd])
    within(() => progAttach(sys, { ...target, ...relative, progFd, attachType, flags }))
  } catch (error) {
    note.remove()
    release()
    throw error
  }

  const swap = (next: Replacement) => {
    const taken = duplicateFd(sys, next.fd, `program "${next.name}"`)
    const instead = replace === 'flag' ? { flags: flags | AttachFlag.Replace, replaceFd: current?.fd as Fd } : { flags }
    try {
      note.write([current?.fd, taken.fd])
      within(() => progAttach(sys, { ...target, progFd: taken.fd, attachType, ...instead }))
    } catch (error) {
      taken.close()
      throw error
    }
    current?.close()
    current = taken
  }
  const detach = () => {
    try {
      const progFd = current?.fd
      if (progFd !== undefined && isThere(sys, { ...queried, attachType }, progFd))
        within(() => progDetach(sys, { ...target, progFd, attachType }))
    } catch (error) {
      // Somebody else took it away.
      if (!isSyscallError(error, Errno.ENOENT)) throw error
    }
    note.remove()
    release()
  }
  return heldLink({ ...label, interface: 'prog_attach', detach, ...(replace === undefined ? {} : { update: swap }) })
}

/** Detaching may take away whichever program is there, or fail for a link's. Kernels that cannot be asked are told to detach. */
function isThere(sys: Sys, hook: ProgQueryOptions, progFd: Fd): boolean {
  const id = programId(sys, progFd)
  try {
    return progQuery(sys, hook).programs.some(({ progId }) => progId === id)
  } catch (error) {
    if (isSyscallError(error, Errno.EINVAL)) return true
    throw error
  }
}
