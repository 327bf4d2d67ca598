/** What `Shift` returns where there is nothing at the moment. */
export const nothing = Symbol('nothing')

/** What an iterator hands out next. */
export type Shift<R> = () => R | typeof nothing

/** Values as they come: for `for await`, or to be asked step by step; `return` ends it. */
export interface RecordStream<R> extends AsyncIterableIterator<R, undefined> {
  next(): Promise<IteratorResult<R, undefined>>
  return(): Promise<IteratorReturnResult<undefined>>
  [Symbol.asyncIterator](): RecordStream<R>
  /** The stream of what `change` makes of the values, to be asked in place of this one. What `change` throws ends it. */
  map<S>(change: (value: R) => S): RecordStream<S>
  /** The stream of the values that `keep` is true of, to be asked in place of this one. What `keep` throws ends it. */
  filter<S extends R>(keep: (value: R) => value is S): RecordStream<S>
}

const end = { done: true, value: undefined } as const

/**
 * An async iterator over something that mostly has the next value at hand. Several times faster than an async generator,
 * whose every step takes a detour.
 */
export class RecordIterator<R> implements RecordStream<R> {
  readonly #shift: Shift<R>
  readonly #fill: () => Promise<boolean>
  readonly #stop: () => void
  /** Calls of `next` that wait: they are answered in order. */
  #waiting = 0
  #last: Promise<unknown> = Promise.resolve()
  #ended = false

  /** `fill` resolves when `shift` has something, or to false at the end; `stop` makes a `fill` that waits resolve. */
  constructor(shift: Shift<R>, fill: () => Promise<boolean>, stop: () => void) {
    this.#shift = shift
    this.#fill = fill
    this.#stop = stop
  }

  next(): Promise<IteratorResult<R, undefined>> {
    if (this.#waiting === 0 && !this.#ended) {
      try {
        const value = this.#shift()
        if (value !== nothing) return Promise.resolve(resultOf(value))
      } catch (error) {
        this.#ended = true
        return Promise.reject(error)
      }
    }
    this.#waiting++
    const result = this.#last.then(() => this.#fetch()).finally(() => this.#waiting--)
    this.#last = result.catch(() => {})
    return result
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    if (!this.#ended) {
      this.#ended = true
      this.#stop()
    }
    return Promise.resolve(end)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  map<S>(change: (value: R) => S): RecordStream<S> {
    const shift = () => {
      const value = this.#shift()
      return value === nothing ? nothing : change(value)
    }
    return new RecordIterator<S>(shift, this.#fill, this.#stop)
  }

  filter<S extends R>(keep: (value: R) => value is S): RecordStream<S> {
    const shift = () => {
      for (;;) {
        const value = this.#shift()
        if (value === nothing) return nothing
        if (keep(value)) return value
      }
    }
    return new RecordIterator<S>(shift, this.#fill, this.#stop)
  }

  async #fetch(): Promise<IteratorResult<R, undefined>> {
    try {
      while (!this.#ended) {
        const value = this.#shift()
        if (value !== nothing) return resultOf(value)
        if (!(await this.#fill())) this.#ended = true
      }
      return end
    } catch (error) {
      this.#ended = true
      throw error
    }
  }
}

/**
 * Not a literal: V8 counts which objects of a literal outlive a collection. If it marks its heap while the first few thousand are
 * made, all of them do, and from then on it puts every result, with the record in it, among what lives long: 2.5 times as slow.
 */
function resultOf<R>(value: R): IteratorYieldResult<R> {
  const result = {} as { done: false; value: R }
  result.done = false
  result.value = value
  return result
}
