import { Errno, hasCapability, parseProcessRights, requiredCapabilities, type Sys, type SyscallError } from '@bpf/sys'
import { LoadError, type LoadErrorFields } from './errors'

export interface RefusalFields extends Pick<LoadErrorFields, 'stage' | 'subject'> {
  /** `be created`, `be loaded`: what the kernel would not do. */
  readonly action: string
  readonly error: SyscallError
  /** The first thing that this kernel lacks of what was asked; probed only where the error could mean that. */
  readonly missingFeature?: () => string | undefined
  /** For refusals of any other kind. */
  readonly hint?: string | undefined
}

/** Errors by which kernels say that they do not know what they are asked for. */
const unknownToKernel: ReadonlySet<number> = new Set([Errno.EINVAL, Errno.E2BIG, Errno.EOPNOTSUPP, Errno.ENOTSUPP, Errno.ENOSYS])

/** Tells apart why the kernel refused: a right that this process lacks, a feature that the kernel lacks, anything else. */
export function refusal(sys: Sys, { action, error, missingFeature, hint, ...where }: RefusalFields): LoadError {
  if (isForbidden(error)) return forbidden(sys, where, action, error, hint)
  const feature = unknownToKernel.has(error.errno) ? missingFeature?.() : undefined
  if (feature !== undefined) {
    const problem = `cannot ${action}: this kernel has no ${feature}`
    return new LoadError({ ...where, code: 'ERR_BPF_UNSUPPORTED', problem, feature, hint: 'bpf feature shows what it has', cause: error })
  }
  return new LoadError({ ...where, problem: `could not ${action}: ${error.errnoName}`, hint: error.hint ?? hint, cause: error })
}

/** EACCES of bpf(2) may be the verifier's. */
function isForbidden({ errno, syscall }: SyscallError): boolean {
  return errno === Errno.EPERM || (errno === Errno.EACCES && syscall === 'perf_event_open')
}

function forbidden(
  sys: Sys,
  where: Pick<LoadErrorFields, 'stage' | 'subject'>,
  action: string,
  error: SyscallError,
  otherHint: string | undefined,
): LoadError {
  const rights = parseProcessRights(sys.readText('/proc/self/status') ?? '')
  const needed = requiredCapabilities(error.operation ?? error.syscall, error.attributes)
  const missing = rights === undefined ? [] : needed.filter(name => !hasCapability(rights, name))
  const why = missing.length > 0 ? `this process lacks ${missing.join(' and ')}` : `the kernel forbids it (${error.errnoName})`
  const hint =
    error.hint ?? otherHint ?? 'this process has every capability that this takes: the kernel was built or configured to forbid it'
  return new LoadError({ ...where, code: 'ERR_BPF_PERMISSION', problem: `may not ${action}: ${why}`, missing, hint, cause: error })
}
