/** What asks a program to end: Ctrl-C, and service managers. */
const signals = ['SIGINT', 'SIGTERM'] as const

/**
 * From here on a signal calls `stop` instead of ending the process; the same one again ends it as usual. The listeners stay until
 * they are disposed of: libraries that bring back the terminal's cursor end a process whose signals nobody but they listens to.
 */
export function onStopSignal(stop: (signal: NodeJS.Signals | undefined) => void): Disposable {
  const heard = new Set<string>()
  // `processIo` emits SIGTERM without its name, perhaps several times, when stdout's reader goes away.
  const listener = (name?: NodeJS.Signals) => {
    if (name === undefined || !heard.has(name)) {
      heard.add(name ?? '')
      return stop(name)
    }
    release()
    process.kill(process.pid, name)
  }
  const release = () => {
    for (const signal of signals) process.off(signal, listener)
  }
  for (const signal of signals) process.on(signal, listener)
  return { [Symbol.dispose]: release }
}
