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

/** Longest delay that a timer takes. */
const forever = 2 ** 31 - 1

/** From here on, signals end the work instead of the process; a second one ends the process as usual. */
export function createStop(duration: number | undefined): Stop {
  const controller = new AbortController()
  const requested = new Promise<void>(resolve => controller.signal.addEventListener('abort', () => resolve(), { once: true }))
  const abort = () => controller.abort()
  let timer: NodeJS.Timeout | undefined
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
    start() {
      // Handlers alone do not keep the process alive, a timer does.
      timer = setTimeout(() => duration !== undefined && abort(), duration ?? forever)
    },
    [Symbol.dispose]() {
      clearTimeout(timer)
      signals[Symbol.dispose]()
    },
  }
}
