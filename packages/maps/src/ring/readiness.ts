import { EpollEvent, type Fd, type Reactor, type Source, type SourceOptions } from '@bpf/sys'
import { ReaderBusyError } from '../errors'

export interface WaitOptions {
  readonly signal?: AbortSignal | undefined
  /** Whether waiting keeps the process alive. */
  readonly keepAlive: boolean
  /** Milliseconds after which to look anyway. */
  readonly interval?: number | undefined
}

/** Of a timer: it takes more for none at all. Milliseconds. */
const longestDelay = 2 ** 31 - 1

/**
 * Lets one reader sleep until descriptors have something for it. They are watched from the first wait on, by edge: what is
 * left in a buffer, or is half written, wakes nobody again, so a reader that is busy or slow costs the event loop nothing.
 */
export class Readiness implements Disposable {
  /** In messages. */
  readonly what: string
  readonly #reactor: Reactor
  readonly #fds: readonly Fd[]
  readonly #options: SourceOptions
  #sources: readonly Source[] | undefined
  #wake: (() => void) | undefined
  #ready = false
  #closed = false

  /** Nothing is registered, and nothing can fail, before somebody waits. */
  constructor(what: string, reactor: Reactor, fds: readonly Fd[], options: SourceOptions = {}) {
    this.what = what
    this.#reactor = reactor
    this.#fds = fds
    this.#options = { ...options, events: (options.events ?? EpollEvent.In) | EpollEvent.Et }
  }

  get closed(): boolean {
    return this.#closed
  }

  /**
   * Resolves when something may be there, on `wake()`, on abort, or on close.
   *
   * @throws ReaderBusyError when somebody waits already; SyscallError if the descriptors cannot be waited for
   */
  wait({ signal, keepAlive, interval }: WaitOptions): Promise<void> {
    if (this.#wake !== undefined) throw new ReaderBusyError(this.what)
    const anchor = this.#watch()
    return new Promise(resolve => {
      if (this.#ready || this.#closed || signal?.aborted) {
        this.#ready = false
        return resolve()
      }
      const timer = interval === undefined ? undefined : setTimeout(() => this.wake(), Math.min(interval, longestDelay))
      if (keepAlive) anchor?.ref()
      else timer?.unref()
      const wake = () => {
        signal?.removeEventListener('abort', wake)
        clearTimeout(timer)
        if (keepAlive && !this.#closed) anchor?.unref()
        this.#wake = undefined
        this.#ready = false
        resolve()
      }
      this.#wake = wake
      signal?.addEventListener('abort', wake)
    })
  }

  /** Lets the reader look, now or when it next waits. */
  wake(): void {
    this.#ready = true
    this.#wake?.()
  }

  /** Idempotent; wakes who waits. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const source of this.#sources ?? []) source.close()
    this.wake()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  /** One source speaks for all where it is about keeping the process alive. */
  #watch(): Source | undefined {
    if (this.#sources !== undefined || this.#closed) return this.#sources?.[0]
    const sources: Source[] = []
    try {
      for (const fd of this.#fds) sources.push(this.#reactor.add(fd, () => this.wake(), this.#options))
    } catch (error) {
      for (const source of sources) source.close()
      throw error
    }
    this.#sources = sources
    // Whatever came before we watched has told nobody.
    this.#ready = true
    return sources[0]
  }
}
