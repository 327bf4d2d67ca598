import { BpfError } from '@bpf/bytes'
import { Errno, isSyscallError, type SyscallError } from '@bpf/sys'
import { AttachError } from './errors'
import type { Link, LinkInterface, LinkLabel } from './link/link'

/** One interface by which an attachment could be made. */
export interface Way<L extends Link = Link> {
  readonly interface: LinkInterface
  /** Why it cannot serve this request: `it has no cookies`. */
  readonly unable?: string | undefined
  /** @throws SyscallError, MissingInterfaceError; nothing is left behind then */
  attach(): L
}

export interface WayOptions {
  /** Interfaces to choose from; all unless given. */
  readonly interfaces?: readonly LinkInterface[] | undefined
  /** What a refusal by the kernel means for this hook. */
  readonly explain?: (error: SyscallError) => Explanation | undefined
}

export interface Explanation {
  readonly problem?: string | undefined
  readonly hint?: string | undefined
}

/** The running kernel was built without an interface. */
export class MissingInterfaceError extends BpfError {
  override readonly name = 'MissingInterfaceError'

  constructor(problem: string) {
    super('ERR_BPF_MISSING_INTERFACE', problem)
  }
}

/** What a kernel answers to a command, a flag or a kind of link that it does not know. */
const unknownHere = [Errno.EINVAL, Errno.E2BIG, Errno.EOPNOTSUPP, Errno.ENOTSUPP, Errno.ENOSYS]

/**
 * Attaches in the first way that this kernel knows; `ways` come newest first. A refusal for any other reason ends the search.
 *
 * @throws AttachError that names each interface tried
 */
export function attachFirst<L extends Link>(label: LinkLabel, ways: readonly Way<L>[], { interfaces, explain }: WayOptions = {}): L {
  const refusals: { readonly via: LinkInterface; readonly reason: string; readonly error?: unknown }[] = []
  for (const way of ways) {
    const via = way.interface
    if (interfaces !== undefined && !interfaces.includes(via)) continue
    if (way.unable !== undefined) {
      refusals.push({ via, reason: way.unable })
      continue
    }
    try {
      return way.attach()
    } catch (error) {
      if (!isSyscallError(error) && !(error instanceof MissingInterfaceError)) throw error
      const reason = isSyscallError(error) ? (explain?.(error)?.problem ?? error.errnoName) : error.message
      refusals.push({ via, reason, error })
      if (isSyscallError(error) && !isSyscallError(error, ...unknownHere)) break
    }
  }
  throw refused(label, refusals, explain)
}

function refused(
  { program, target }: LinkLabel,
  refusals: readonly { readonly via: LinkInterface; readonly reason: string; readonly error?: unknown }[],
  explain: WayOptions['explain'],
): AttachError {
  const cause = refusals.findLast(refusal => refusal.error !== undefined)?.error
  const hint = isSyscallError(cause) ? explain?.(cause)?.hint : undefined
  const reasons = new Set(refusals.map(({ reason }) => reason))
  const each = refusals.map(({ via, reason }) => `${via}: ${reason}`).join('; ')
  const problem = refusals.length === 0 ? 'none of the given interfaces serves this hook' : reasons.size === 1 ? [...reasons].join() : each
  return new AttachError({ program, target, problem, hint, cause })
}
