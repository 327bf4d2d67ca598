import { SyscallError } from '../syscall-error'

/** What the kernel wrote about a load. */
export interface LoadLog {
  /** Empty unless a buffer was given. */
  readonly log: string
  /** Bytes the whole log takes with its NUL, if the kernel says so (6.4); 0 otherwise. */
  readonly logTrueSize: number
}

/** A load that the kernel refused, with what it wrote. */
export class LoadRefusedError extends SyscallError implements LoadLog {
  readonly log: string
  readonly logTrueSize: number

  constructor(from: SyscallError, log: string, logTrueSize: number) {
    super(from)
    this.log = log
    this.logTrueSize = logTrueSize
  }
}
