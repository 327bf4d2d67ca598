import { readFileSync } from 'node:fs'
import type { ReadText } from './capabilities'
import { Graves } from './graves'
import type { Native } from './native'
import { koffiNative } from './native-koffi'
import { Reactor } from './reactor'
import type { TracedCall } from './trace'

/**
 * The context of every call in this package: make one and pass it around. It holds no descriptor by itself; whoever
 * opens something closes it.
 *
 * One per thread: a worker makes its own.
 */
export interface Sys {
  readonly native: Native
  /** Sees every system call after it returned; slow, for debugging and tests. */
  readonly trace: ((call: TracedCall) => void) | undefined
  /** Reads the small files of /proc and /sys that hints are made of. */
  readonly readText: ReadText
  /** Warns of owners that were collected without being closed. */
  readonly leaks: FinalizationRegistry<string>
  /** Releases the address space of closed mappings when no view over it is left (Node 20). */
  readonly graves: Graves
  /** The one wait of this thread for all buffers. */
  readonly reactor: Reactor
}

export interface SysOptions {
  /** Another seam than koffi's: tests. */
  readonly native?: Native
  readonly trace?: (call: TracedCall) => void
  readonly readText?: ReadText
}

/** @throws PlatformError where there is no Linux, or no BPF for the processor. */
export function createSys(options: SysOptions = {}): Sys {
  let reactor: Reactor | undefined
  const sys: Sys = {
    native: options.native ?? koffiNative(),
    trace: options.trace,
    readText: options.readText ?? readTextFile,
    leaks: new FinalizationRegistry(warnOfLeak),
    graves: new Graves(),
    get reactor() {
      reactor ??= new Reactor(sys)
      return reactor
    },
  }
  return sys
}

function warnOfLeak(message: string): void {
  process.emitWarning(message, { code: 'BPF_FD_LEAK', detail: 'call close(), or declare it with `using`' })
}

function readTextFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
