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
  /** Not enumerable: where nobody catches the error, Node would print it whole. */
  declare readonly log: string
  readonly logTrueSize: number

  constructor(from: SyscallError, log: string, logTrueSize: number) {
    super(from)
    Object.defineProperty(this, 'log', { value: log })
    this.logTrueSize = logTrueSize
  }
}
