import { setImmediate } from 'node:timers/promises'
import { ReaderBusyError } from '../errors'
import type { Readiness } from './readiness'
import { nothing, RecordIterator, type RecordStream, type Shift } from './record-iterator'

export interface StreamOptions {
  /** Ends the stream: what is in the buffer at that moment is still delivered. */
  readonly signal?: AbortSignal | undefined
  /** Whether waiting for a record keeps the process alive; true unless given. */
  readonly keepAlive?: boolean | undefined
  /**
   * Look at least every so many milliseconds while waiting: for programs that submit with BPF_RB_NO_WAKEUP, or buffers with a
   * watermark. Unless given, only a wake-up makes the reader look.
   */
  readonly interval?: number | undefined
}

/** Where records come from. */
export interface RecordSource<T> {
  readonly readiness: Readiness
  /** No buffer of this size ever holds more records at one moment. */
  readonly capacity: number
  /** Appends records that are there to `sink`, at most `limit`. */
  take(sink: T[], limit: number): void
}

interface IterationState {
  /** What is there is all that this iteration gets. */
  last: boolean
}

/** Records taken from the kernel in one go, before any is handed out. Small, so that a slow reader leaves the rest there. */
const chunkSize = 1024

/**
 * The records of one buffer as async iterators. Nothing is taken out of the kernel's buffer before somebody asks, and what was
 * taken but not delivered, because an iteration ended early, comes first in the next.
 */
export class RecordReader<T> {
  readonly #source: RecordSource<T>
  #chunk: T[] = []
  #next = 0
  /** Of the record behind the chunk. */
  #failure: { readonly error: unknown } | undefined
  /** The chunk was not empty: the event loop has its turn before the next. */
  #busy = false
  /** The iteration that has begun to wait: another one must not, even while this one looks again. */
  #waiting: IterationState | undefined

  constructor(source: RecordSource<T>) {
    this.#source = source
  }

  /**
   * Record by record. Ends on abort, and when the buffer is closed. A record that cannot be decoded ends it with its error; a
   * new iteration goes on behind that record. Two iterations that wait at once get a ReaderBusyError.
   */
  records(options: StreamOptions = {}): RecordStream<T> {
    return this.#iterate(() => (this.#next < this.#chunk.length ? (this.#chunk[this.#next++] as T) : nothing), options)
  }

  /** In arrays of what is there, never empty: the fastest way to many records. Ends as `records` does. */
  batches(options: StreamOptions = {}): RecordStream<T[]> {
    const shift = () => {
      const records = this.#rest()
      return records.length > 0 ? records : nothing
    }
    return this.#iterate(shift, options)
  }

  /**
   * Everything that is there now, also what nobody was woken for: to call before closing. The error of a record that cannot
   * be decoded comes with the next call, here or of an iterator, after the records before it.
   */
  flush(): T[] {
    if (this.#next === this.#chunk.length) this.#throwFailure()
    const rest = this.#rest()
    this.#take(this.#source.capacity)
    return rest.concat(this.#rest())
  }

  #iterate<R>(shift: Shift<R>, options: StreamOptions): RecordStream<R> {
    const state: IterationState = { last: false }
    const stop = () => {
      state.last = true
      this.#source.readiness.wake()
    }
    return new RecordIterator(shift, () => this.#fill(options, state), stop)
  }

  async #fill(options: StreamOptions, state: IterationState): Promise<boolean> {
    try {
      return await this.#untilRecord(options, state)
    } finally {
      if (this.#waiting === state) this.#waiting = undefined
    }
  }

  async #untilRecord({ signal, keepAlive = true, interval }: StreamOptions, state: IterationState): Promise<boolean> {
    const { readiness, capacity } = this.#source
    while (true) {
      if (this.#next < this.#chunk.length) return true
      this.#throwFailure()
      if (state.last || readiness.closed) return false
      if (this.#busy) {
        this.#busy = false
        // With a producer that never pauses, records alone would keep timers and signals from running.
        await setImmediate()
        continue
      }
      state.last = signal?.aborted === true
      this.#take(state.last ? capacity : chunkSize)
      if (this.#busy || state.last) continue
      if (this.#waiting !== undefined && this.#waiting !== state) throw new ReaderBusyError(readiness.what)
      this.#waiting = state
      await readiness.wait({ signal, keepAlive, interval })
    }
  }

  /** What was not handed out. */
  #rest(): T[] {
    const rest = this.#next === 0 ? this.#chunk : this.#chunk.slice(this.#next)
    this.#chunk = []
    this.#next = 0
    return rest
  }

  #take(limit: number): void {
    this.#chunk.length = 0
    this.#next = 0
    try {
      if (!this.#source.readiness.closed && this.#failure === undefined) this.#source.take(this.#chunk, limit)
    } catch (error) {
      this.#failure = { error }
    }
    this.#busy = this.#chunk.length > 0 || this.#failure !== undefined
  }

  #throwFailure(): void {
    const failure = this.#failure
    this.#failure = undefined
    if (failure) throw failure.error
  }
}
