import type { SyscallName } from './arch'
import { Errno } from './errno'
import type { Word } from './native'
import { permissionHint } from './permission-hint'
import type { Sys } from './sys'
import { SyscallError } from './syscall-error'
import type { Attributes } from './trace'

/** How a system call ended. */
export interface Outcome {
  /** -1 on failure. */
  readonly result: number
  /** 0 on success. */
  readonly errno: number
  /** The result. @throws SyscallError if the call failed. */
  value(): number
}

/** Makes a system call that may fail as a matter of course. `attributes` describe it to the trace and to errors. */
export function tryCall(sys: Sys, name: SyscallName, args: readonly Word[], attributes: Attributes, operation?: string): Outcome {
  const [a, b, c, d, e, f] = args
  const result = sys.native.syscall(sys.native.arch.syscalls[name], a, b, c, d, e, f)
  const errno = result === -1 ? sys.native.errno() : 0
  sys.trace?.({ syscall: name, operation, attributes, result, errno })
  return {
    result,
    errno,
    value() {
      if (errno !== 0) throw syscallError(sys, name, operation, errno, attributes)
      return result
    },
  }
}

/** Makes a system call. @throws SyscallError */
export function call(sys: Sys, name: SyscallName, args: readonly Word[], attributes: Attributes, operation?: string): number {
  return tryCall(sys, name, args, attributes, operation).value()
}

/** What ran out, whatever the call was. */
const limitHints: Readonly<Record<number, string>> = {
  [Errno.EMFILE]: 'this process may have no more open files: raise its limit (ulimit -n), or close what is not used',
  [Errno.ENFILE]: 'the system may have no more open files: raise fs.file-max, or look for what leaks them',
}

/** The error of a failed call, with a hint where one is known. */
export function syscallError(
  sys: Sys,
  syscall: string,
  operation: string | undefined,
  errno: number,
  attributes: Attributes,
): SyscallError {
  const hint = permissionHint(operation ?? syscall, errno, attributes, sys.readText) ?? limitHints[errno]
  return new SyscallError({ syscall, operation, errno, attributes, hint })
}
