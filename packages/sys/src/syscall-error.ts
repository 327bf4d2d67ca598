import { BpfError } from '@bpf/bytes'
import { errnoName, errnoText } from './errno'
import { type Attributes, formatAttributes } from './trace'

export interface SyscallErrorFields {
  readonly syscall: string
  readonly operation?: string | undefined
  readonly errno: number
  readonly attributes: Attributes
  readonly hint?: string | undefined
}

/**
 * The kernel refused a system call. Code `ERR_BPF_SYSCALL`.
 *
 * `BPF_MAP_CREATE failed with EINVAL (invalid argument): map_type=BPF_MAP_TYPE_HASH, key_size=0`
 */
export class SyscallError extends BpfError {
  override readonly name: string = 'SyscallError'
  /** `bpf`, `ioctl`, … */
  readonly syscall: string
  /** The command of a multiplexed call, e.g. `BPF_MAP_CREATE`. */
  readonly operation: string | undefined
  readonly errno: number
  /** `EPERM`. */
  readonly errnoName: string
  readonly #attributes: Attributes

  constructor(fields: SyscallErrorFields) {
    const { syscall, operation, errno, attributes, hint } = fields
    const detail = formatAttributes(attributes)
    const text = errnoText(errno)
    super('ERR_BPF_SYSCALL', `${operation ?? syscall} failed with ${errnoName(errno)}${text && ` (${text})`}${detail && `: ${detail}`}`, {
      hint,
    })
    this.syscall = syscall
    this.operation = operation
    this.errno = errno
    this.errnoName = errnoName(errno)
    this.#attributes = attributes
  }

  /** What was passed, and for commands that write results, those too. Not printed with the error: buffers are among them. */
  get attributes(): Attributes {
    return this.#attributes
  }
}

/** Whether `error` is a refused system call, with one of the given numbers if there are any. */
export function isSyscallError(error: unknown, ...errnos: number[]): error is SyscallError {
  return error instanceof SyscallError && (errnos.length === 0 || errnos.includes(error.errno))
}
