import { ExitCode, type Io, onStopSignal } from '@bpf/terminal'

/** Set off by Ctrl-C or SIGTERM, so that guests and files go before the process does; a second signal ends it as usual. */
export interface Stop extends Disposable {
  readonly signal: AbortSignal
}

export function stopOnSignal(): Stop {
  const controller = new AbortController()
  const signals = onStopSignal(() => controller.abort())
  return { signal: controller.signal, [Symbol.dispose]: () => signals[Symbol.dispose]() }
}

/** The exit code of `work`, or of having been stopped before it was done. */
export async function untilStopped(io: Io, work: (signal: AbortSignal) => Promise<number>): Promise<number> {
  using stop = stopOnSignal()
  try {
    return await work(stop.signal)
  } catch (error) {
    if (!stop.signal.aborted) throw error
    io.note('stopped')
    return ExitCode.Interrupted
  }
}
