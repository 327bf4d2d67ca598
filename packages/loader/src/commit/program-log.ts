import { Errno, type LoadedProgram, LogLevel, ProgLoadError, type ProgLoadOptions, progLoad, type Sys } from '@bpf/sys'

const firstSize = 1 << 18
/** Kernels before 5.3 take less than 16 MiB. */
const largestOldSize = (1 << 24) - 1
const largestSize = 1 << 28

export interface LogPolicy {
  /** `LogLevel`s added up, for the first try: 4 for statistics only. 0, the default, asks for no log unless the load fails. */
  readonly level?: number
  /** Bytes of the first buffer; it grows until the log fits. */
  readonly size?: number
}

/**
 * Loads without a log, which costs nothing, and asks again for the log when the kernel refuses. The buffer grows until the
 * log fits: the kernel says how much it takes, or says ENOSPC.
 *
 * @throws ProgLoadError with the log, empty when the kernel failed before the verifier began.
 */
export function loadWithLog(sys: Sys, options: ProgLoadOptions, { level = 0, size = firstSize }: LogPolicy = {}): LoadedProgram {
  if (level !== 0) return loadGrowing(sys, options, level, size, undefined)
  try {
    return progLoad(sys, options)
  } catch (error) {
    if (!(error instanceof ProgLoadError)) throw error
    return loadGrowing(sys, options, LogLevel.Basic, size, error)
  }
}

function loadGrowing(
  sys: Sys,
  options: ProgLoadOptions,
  level: number,
  firstSize: number,
  firstFailure: ProgLoadError | undefined,
): LoadedProgram {
  let size = firstSize
  for (;;) {
    try {
      return progLoad(sys, { ...options, log: { buffer: new Uint8Array(size), level } })
    } catch (error) {
      if (!(error instanceof ProgLoadError)) throw error
      const larger = nextSize(size, error)
      if (larger === undefined) throw moreTelling(error, firstFailure)
      size = larger
    }
  }
}

function nextSize(size: number, error: ProgLoadError): number | undefined {
  if (error.errno !== Errno.ENOSPC || size >= largestSize) return undefined
  if (error.logTrueSize > size) return Math.min(error.logTrueSize, largestSize)
  return size < largestOldSize ? Math.min(size * 4, largestOldSize) : Math.min(size * 4, largestSize)
}

/** A log that still does not fit must not hide why the program was refused in the first place. */
function moreTelling(error: ProgLoadError, first: ProgLoadError | undefined): ProgLoadError {
  if (first === undefined || error.errno !== Errno.ENOSPC || first.errno === Errno.ENOSPC) return error
  return new ProgLoadError(first, error.log, error.logTrueSize)
}
