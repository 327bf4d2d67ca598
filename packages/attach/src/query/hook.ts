import { Errno, type Fd, infoLayouts, isSyscallError, objGetInfo, openById, type ProgQueryOptions, progQuery, type Sys } from '@bpf/sys'

/** A program that sits on a hook, whoever attached it. */
export interface Attached {
  readonly programId: number
  /** At most 15 bytes; undefined when the program is gone by now or may not be looked at. */
  readonly programName: string | undefined
  /** The bpf_link that holds it; undefined without one, or where the kernel does not tell. */
  readonly linkId: number | undefined
  /** `AttachFlag`s. */
  readonly flags: number
}

/** What is attached to a hook. */
export interface HookState {
  /** In the order they run. */
  readonly programs: readonly Attached[]
  /** `AttachFlag`s of the hook. */
  readonly flags: number
  /** Changes whenever the hook does, for `expectedRevision`; undefined where the kernel keeps none. */
  readonly revision: bigint | undefined
}

/** BPF_PROG_QUERY, with program names. Kernels that do not tell flags or links of a program are asked without. @throws SyscallError */
export function queryHook(sys: Sys, options: ProgQueryOptions): HookState {
  const { programs, attachFlags, revision } = queryWithLess(sys, options)
  return {
    programs: programs.map(({ progId, linkId, attachFlags: flags }) => ({
      programId: progId,
      programName: programName(sys, progId),
      linkId: linkId || undefined,
      flags,
    })),
    flags: attachFlags,
    revision: revision || undefined,
  }
}

function queryWithLess(sys: Sys, options: ProgQueryOptions) {
  if (!options.links && !options.programFlags) return progQuery(sys, options)
  try {
    return progQuery(sys, options)
  } catch (error) {
    if (!isSyscallError(error, Errno.EINVAL, Errno.E2BIG)) throw error
    return progQuery(sys, { ...options, links: false, programFlags: false })
  }
}

/** The kernel's name of a program; undefined when there is none of that id. */
export function programName(sys: Sys, id: number): string | undefined {
  try {
    using program = openById(sys, 'prog', id)
    return objGetInfo(sys, program.fd, infoLayouts.progInfo, {}).name
  } catch (error) {
    if (isSyscallError(error)) return undefined
    throw error
  }
}

/** The kernel's id of a program. @throws SyscallError */
export function programId(sys: Sys, fd: number): number {
  return objGetInfo(sys, fd as Fd, infoLayouts.progInfo, {}).id
}
