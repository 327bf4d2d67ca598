import { Epoll, EpollEvent } from './epoll'
import type { Watch } from './native'
import { ClosedError, type Fd } from './owned-fd'
import type { Sys } from './sys'

/**
 * Called with `EpollEvent`s when the descriptor is ready, from the event loop. It must take what is there, or pause. What it throws is
 * an uncaught exception, once the others that are ready have been called.
 */
export type ReadyCallback = (events: number) => void

export interface SourceOptions {
  /** `EpollEvent`s to wait for; `In` unless given. */
  readonly events?: number
  /** Keep the process alive while waiting. Off unless asked for: an idle reader should not hold a program open. */
  readonly ref?: boolean
  /**
   * Call it on every wake-up of the set, and once after it joined, with no events where none is known. For perf events: they
   * forget that they were ready as soon as anybody asks, and the event loop asks about the whole set before we ask who it was.
   */
  readonly everyWake?: boolean
}

/** A descriptor that the reactor watches. Close it before the descriptor itself. */
export interface Source extends Disposable {
  /** Stops waiting until `resume`: the only way not to be called while something is there and not taken. */
  pause(): void
  resume(): void
  ref(): void
  unref(): void
  /** Idempotent. */
  close(): void
}

interface Entry {
  readonly fd: Fd
  readonly events: number
  readonly callback: ReadyCallback
  readonly everyWake: boolean
  ref: boolean
  /** It is in the epoll set. */
  watched: boolean
}

/**
 * The one wait of a thread. Every source joins one epoll set, and the event loop watches that set through a single handle:
 * no thread is blocked, no timer runs, an idle source costs nothing.
 *
 * In worker threads, and where the runtime offers no such handle, a timer looks at the set, more often while there is traffic.
 *
 * The set exists from the first source to the last.
 */
export class Reactor {
  readonly #sys: Sys
  readonly #entries = new Map<number, Entry>()
  #nextToken = 1
  #epoll: Epoll | undefined
  #watch: Watch | undefined

  constructor(sys: Sys) {
    this.#sys = sys
  }

  /** Number of sources. */
  get size(): number {
    return this.#entries.size
  }

  /**
   * Watches a descriptor. `EpollEvent.Err` and `Hup` are reported as well, whether asked for or not, and pause the source,
   * because they last. What no event can come from, such as a hash map, reports `Err` at once.
   *
   * @throws SyscallError EPERM if the descriptor cannot be waited for, EEXIST if it is watched already
   */
  add(fd: Fd, callback: ReadyCallback, options: SourceOptions = {}): Source {
    const { events = EpollEvent.In, ref = false, everyWake = false } = options
    const token = this.#nextToken++
    const entry: Entry = { fd, events, callback, everyWake, ref, watched: false }
    this.#entries.set(token, entry)
    try {
      this.#start(token, entry)
    } catch (error) {
      this.#remove(token)
      throw error
    }
    this.#updateRef()
    return this.#source(token, entry)
  }

  #source(token: number, entry: Entry): Source {
    const setRef = (ref: boolean) => {
      entry.ref = ref
      this.#updateRef()
    }
    const close = () => this.#remove(token)
    return {
      pause: () => this.#stop(entry),
      resume: () => {
        if (!this.#entries.has(token)) throw new ClosedError('event source')
        this.#start(token, entry)
      },
      ref: () => setRef(true),
      unref: () => setRef(false),
      close,
      [Symbol.dispose]: close,
    }
  }

  #start(token: number, entry: Entry): void {
    if (entry.watched) return
    this.#open().add(entry.fd, entry.events, token)
    entry.watched = true
    if (entry.everyWake) this.#lookSoon()
  }

  /** The event loop takes the set up, and asks for the first time, when it next waits: in this turn or the one after. */
  #lookSoon(): void {
    setImmediate(() => setImmediate(() => this.#dispatch()).unref()).unref()
  }

  /** Removed rather than masked: errors and hang-ups are reported for any mask, in a busy loop. */
  #stop(entry: Entry): void {
    if (!entry.watched) return
    entry.watched = false
    this.#epoll?.remove(entry.fd)
  }

  #remove(token: number): void {
    const entry = this.#entries.get(token)
    if (entry === undefined) return
    this.#entries.delete(token)
    this.#stop(entry)
    if (this.#entries.size === 0) this.#close()
    else this.#updateRef()
  }

  #open(): Epoll {
    if (this.#epoll !== undefined) return this.#epoll
    const epoll = new Epoll(this.#sys)
    this.#epoll = epoll
    const watch = this.#sys.native.watch ?? watchByTimer
    this.#watch = watch(epoll.fd, () => this.#dispatch())
    return epoll
  }

  /** The handle first: the event loop must not find its descriptor gone. */
  #close(): void {
    this.#watch?.close()
    this.#epoll?.close()
    this.#watch = undefined
    this.#epoll = undefined
  }

  #dispatch(): number {
    const ready = new Map<number, number>()
    for (const [token, entry] of this.#entries) if (entry.everyWake) ready.set(token, 0)
    const count = this.#epoll?.poll((token, events) => ready.set(token, events)) ?? 0
    let failure: { readonly error: unknown } | undefined
    for (const [token, events] of ready) {
      const entry = this.#entries.get(token)
      // An earlier callback may have closed or paused it, and a mapped buffer's registration outlives its descriptor.
      if (!entry?.watched) continue
      // Errors and hang-ups last: waiting on would be a busy loop.
      if ((events & (EpollEvent.Err | EpollEvent.Hup)) !== 0) this.#stop(entry)
      try {
        entry.callback(events)
      } catch (error) {
        // The others will not be told a second time.
        failure ??= { error }
      }
    }
    if (failure) throw failure.error
    return count
  }

  #updateRef(): void {
    const ref = [...this.#entries.values()].some(entry => entry.ref)
    if (ref) this.#watch?.ref()
    else this.#watch?.unref()
  }
}

const fastest = 1
const slowest = 32

/** Looks again after 1 ms while there is traffic, and twice as long after each look in vain, up to 32 ms. */
function watchByTimer(_fd: number, look: () => number): Watch {
  let interval = fastest
  let referenced = false
  let closed = false
  let timer = schedule()

  function schedule(): NodeJS.Timeout {
    const next = setTimeout(tick, interval)
    return referenced ? next : next.unref()
  }

  function tick(): void {
    let found = 0
    try {
      found = look()
    } finally {
      interval = found > 0 ? fastest : Math.min(interval * 2, slowest)
      if (!closed) timer = schedule()
    }
  }

  return {
    ref() {
      referenced = true
      timer.ref()
    },
    unref() {
      referenced = false
      timer.unref()
    },
    close() {
      closed = true
      clearTimeout(timer)
    },
  }
}
