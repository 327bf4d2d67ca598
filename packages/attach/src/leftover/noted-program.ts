import { Errno, type Fd, isSyscallError, tryOpenById } from '@bpf/sys'
import type { AttachContext } from '../context'
import { type LeftNote, notedProgram } from './note'

/** Whether a program is one that the note names, and not another that has its id by now. @throws SyscallError */
export function isNoted(context: AttachContext, { programs }: LeftNote, id: number): boolean {
  const noted = programs.filter(program => program.id === id)
  using program = noted.length === 0 ? undefined : tryOpenById(context.sys, 'prog', id)
  return program !== undefined && noted.some(({ loadTime }) => loadTime === notedProgram(context, program.fd).loadTime)
}

/** Runs `action` on a program, unless it is gone. @throws SyscallError */
export function withProgram({ sys }: AttachContext, id: number, action: (progFd: Fd) => void): void {
  using program = tryOpenById(sys, 'prog', id)
  if (program !== undefined) orGone(() => action(program.fd), undefined)
}

/** What somebody may have taken away, with the hook or without. */
const gone = [Errno.ENOENT, Errno.ENODEV, Errno.ESRCH, Errno.EINVAL, Errno.EBADF] as const

/** What `action` returns; `otherwise` if what it is about is gone. @throws SyscallError */
export function orGone<T>(action: () => T, otherwise: T): T {
  try {
    return action()
  } catch (error) {
    if (isSyscallError(error, ...gone)) return otherwise
    throw error
  }
}
