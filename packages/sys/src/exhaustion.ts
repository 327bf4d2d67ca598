import { syscallError } from './call'
import { Errno } from './errno'
import type { Sys } from './sys'
import { isSyscallError, type SyscallError } from './syscall-error'

const exhausted: readonly number[] = [Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM]

/**
 * The error to throw where a file could not be opened because no file can be, for want of descriptors or memory, which says
 * nothing about the file; undefined for other errors. `error` may be Node's.
 */
export function exhaustionOf(sys: Sys, error: unknown, path: string): SyscallError | undefined {
  // Node has error numbers below zero.
  const errno = isSyscallError(error) ? error.errno : -Number((error as NodeJS.ErrnoException).errno)
  return exhausted.includes(errno) ? syscallError(sys, 'openat', undefined, errno, { path }) : undefined
}
