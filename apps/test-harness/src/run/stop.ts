/** Set off by Ctrl-C or SIGTERM, so that guests and files go before the process does; a second signal ends it as usual. */
export interface Stop extends Disposable {
  readonly signal: AbortSignal
}

const signals = ['SIGINT', 'SIGTERM'] as const

export function stopOnSignal(): Stop {
  const controller = new AbortController()
  const abort = () => controller.abort()
  for (const name of signals) process.once(name, abort)
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const name of signals) process.off(name, abort)
    },
  }
}
