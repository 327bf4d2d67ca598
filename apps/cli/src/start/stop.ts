import { onStopSignal } from '@bpf/terminal'

/** When to stop: Ctrl-C, SIGTERM, or after a time. */
export interface Stop extends Disposable {
  readonly controller: AbortController
  /** By Ctrl-C, which a terminal shows as ^C where the next text would go on. */
  readonly interrupted: boolean
  /** Starts the clock of `--for`. */
  start(): void
  /** Resolves when it is time. */
  readonly requested: Promise<void>
}

/** Longest delay that a timer takes: 24 days. Programs are to run for longer. */
const longestDelay = 2 ** 31 - 1

/** From here on, signals end the work instead of the process; a second one ends the process as usual. */
export function createStop(duration = Number.POSITIVE_INFINITY): Stop {
  const controller = new AbortController()
  const requested = new Promise<void>(resolve => controller.signal.addEventListener('abort', () => resolve(), { once: true }))
  const abort = () => controller.abort()
  let timer: NodeJS.Timeout | undefined
  // Handlers alone do not keep the process alive, a timer does.
  const abortAfter = (delay: number) => {
    const next = delay > longestDelay ? () => abortAfter(delay - longestDelay) : abort
    timer = setTimeout(next, Math.min(delay, longestDelay))
  }
  let interrupted = false
  const signals = onStopSignal(signal => {
    interrupted ||= signal === 'SIGINT'
    abort()
  })
  return {
    controller,
    get interrupted() {
      return interrupted
    },
    requested,
    start: () => abortAfter(duration),
    [Symbol.dispose]() {
      clearTimeout(timer)
      signals[Symbol.dispose]()
    },
  }
}
