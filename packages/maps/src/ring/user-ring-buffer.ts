import { ClosedError, EpollEvent, type Fd, type Sys } from '@bpf/sys'
import type { ValueCodec } from '../codec/codec'
import { rawCodec } from '../codec/raw'
import { SampleSizeError } from '../errors'
import { Readiness } from './readiness'
import { type MappedRing, mapRing, ringSizeOf } from './ring-mapping'
import { discardSample, reserveSample, sampleLimit, submitSample } from './user-ring'

export interface UserRingBufferOptions<T> {
  readonly sys: Sys
  /** Of the map; stays the caller's, who may close it. */
  readonly mapFd: Fd
  /** Bytes: the map's `max_entries`; the kernel is asked if absent. */
  readonly size?: number | undefined
  /** How a value becomes a sample. `push` takes bytes unless given. */
  readonly codec?: ValueCodec<T> | undefined
  /** In messages. */
  readonly name?: string | undefined
}

export interface WaitForRoomOptions {
  /** Ends the wait: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** Whether waiting keeps the process alive; true unless given. */
  readonly keepAlive?: boolean | undefined
}

/**
 * Room in the ring. Submit or discard it: the program reads nothing behind it before. With `using`, it is discarded where an exception
 * comes between.
 */
export interface Reservation extends Disposable {
  /** The sample's bytes, with what was there before. */
  readonly data: DataView
  submit(): void
  discard(): void
}

/** The writing end of a BPF_MAP_TYPE_USER_RINGBUF map (Linux 6.1). One writer: no two threads or processes at once. */
export class UserRingBuffer<T = Uint8Array> implements Disposable {
  readonly #ring: MappedRing
  readonly #readiness: Readiness
  readonly #codec: ValueCodec<T> | undefined
  /** Of bytes, as many as the last sample had: the next has as many, mostly. */
  #bytes = rawCodec(0)
  readonly #what: string
  /** How many wait for room, and when the last of them has it: they get it in the order in which they asked. */
  #waiting = 0
  #last: Promise<void> = Promise.resolve()

  /** @throws SyscallError if the ring cannot be mapped: not a user ring buffer, or no permission. */
  constructor({ sys, mapFd, size = ringSizeOf(sys, mapFd), codec, name = '' }: UserRingBufferOptions<T>) {
    this.#what = `user ring buffer ${JSON.stringify(name)}`
    this.#codec = codec
    this.#ring = mapRing(sys, mapFd, size, 'producer')
    this.#readiness = new Readiness(this.#what, sys.reactor, [this.#ring.fd], { events: EpollEvent.Out })
  }

  /** Writes a sample. False if there is no room now. @throws SampleSizeError, ClosedError, or what the codec throws */
  push(value: T): boolean {
    const { codec, size } = this.#encoding(value)
    return this.write(size, (data, offset) => void codec.encode(value, data, offset))
  }

  /**
   * Writes a sample, as soon as the program has made room for it. Several may wait: they are served in order.
   * @throws as `push`, and the reason of an abort
   */
  async pushWhenRoom(value: T, options?: WaitForRoomOptions): Promise<void> {
    await this.#whenRoom(() => this.push(value) || undefined, options)
  }

  /**
   * Writes a sample of `length` bytes without making anything: `fill` puts it at `offset` of `data`. It is discarded if `fill`
   * throws. False, and `fill` is not called, if there is no room now. @throws ClosedError, also if `fill` closes
   */
  write(length: number, fill: (data: DataView, offset: number) => void): boolean {
    const offset = this.#reserve(length)
    if (offset === -1) return false
    const { memory } = this.#ring
    let filled = false
    try {
      fill(memory.data, offset)
      this.#assertOpen()
      filled = true
    } finally {
      if (filled) submitSample(memory, offset)
      else if (!this.#readiness.closed) discardSample(memory, offset)
    }
    return true
  }

  /** Room for a sample of `length` bytes, to fill at leisure; undefined if there is none now. */
  reserve(length: number): Reservation | undefined {
    const offset = this.#reserve(length)
    if (offset === -1) return undefined
    const { memory } = this.#ring
    let open = true
    const finish = (commit: typeof submitSample) => () => {
      if (open && !this.#readiness.closed) commit(memory, offset)
      open = false
    }
    const { buffer, byteOffset } = memory.data
    const discard = finish(discardSample)
    return { data: new DataView(buffer, byteOffset + offset, length), submit: finish(submitSample), discard, [Symbol.dispose]: discard }
  }

  /** `reserve`, as soon as the program has made room. @throws SampleSizeError, ClosedError, the reason of an abort */
  async reserveWhenRoom(length: number, options?: WaitForRoomOptions): Promise<Reservation> {
    return this.#whenRoom(() => this.reserve(length), options)
  }

  /** Unmaps; who waits for room gets a ClosedError. Samples that were submitted stay. Idempotent. */
  close(): void {
    this.#readiness.close()
    this.#ring.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #encoding(value: T): { readonly codec: ValueCodec<T>; readonly size: number } {
    if (this.#codec !== undefined) return { codec: this.#codec, size: this.#codec.sizeOf?.(value) ?? this.#codec.size }
    const size = value instanceof Uint8Array ? value.byteLength : 0
    if (this.#bytes.size !== size) this.#bytes = rawCodec(size)
    return { codec: this.#bytes as ValueCodec<unknown> as ValueCodec<T>, size }
  }

  #reserve(length: number): number {
    this.#assertOpen()
    const limit = sampleLimit(this.#ring.memory)
    if (!Number.isInteger(length) || length < 0 || length > limit) throw new SampleSizeError(this.#what, length, limit)
    return reserveSample(this.#ring.memory, length)
  }

  #assertOpen(): void {
    if (this.#readiness.closed) throw new ClosedError(this.#what)
  }

  /** Attempts until there is room, once those that asked before have theirs. Who gives up leaves its turn to the next. */
  async #whenRoom<R>(attempt: () => R | undefined, { signal, keepAlive = true }: WaitForRoomOptions = {}): Promise<R> {
    let result = this.#waiting === 0 ? attempt() : undefined
    if (result !== undefined) return result
    const before = this.#last
    let finish = () => {}
    this.#last = new Promise(resolve => {
      finish = resolve
    })
    this.#waiting++
    try {
      await untilAborted(before, signal)
      for (result = attempt(); result === undefined; result = attempt()) {
        await this.#readiness.wait({ signal, keepAlive })
        signal?.throwIfAborted()
      }
      return result
    } finally {
      this.#waiting--
      void before.then(finish)
    }
  }
}

/** Resolves with `promise`, or rejects at the abort. */
function untilAborted(promise: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, { once: true })
    void promise.then(() => {
      signal.removeEventListener('abort', abort)
      resolve()
    })
  })
}
