import { Errno, isSyscallError } from '@bpf/sys'
import { AttachError } from './errors'
import type { LinkLabel } from './link/link'
import type { HookState } from './query/hook'

/**
 * Refuses where attaching would put a program in the place of another without a word, as the kernel does at some hooks. Kernels
 * that cannot be asked what is there are not. @throws AttachError, SyscallError
 */
export function refuseTaken({ program, target }: LinkLabel, query: () => HookState): void {
  const [present] = askIfPossible(query)
  if (present === undefined) return
  const { programName = '', programId } = present
  throw new AttachError({
    program,
    target,
    problem: `another program is attached: "${programName}" (id ${programId})`,
    hint: 'detach it first',
  })
}

function askIfPossible(query: () => HookState): HookState['programs'] {
  try {
    // No program has the number 0.
    return query().programs.filter(({ programId }) => programId !== 0)
  } catch (error) {
    if (isSyscallError(error, Errno.EINVAL)) return []
    throw error
  }
}
