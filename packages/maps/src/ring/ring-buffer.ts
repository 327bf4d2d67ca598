import type { Fd, Sys } from '@bpf/sys'
import { copyRecord, type RecordDecoder } from './decode'
import { listen } from './listen'
import { drainOverwriteRing, unreadBytes } from './overwrite-ring'
import { Readiness } from './readiness'
import type { RecordStream } from './record-iterator'
import { RecordReader, type StreamOptions } from './record-reader'
import { drainRing, endRing, headerSize, type RawRecord } from './ring'
import { type MappedRing, mapRing, ringSizeOf } from './ring-mapping'

export interface RingBufferOptions<T> {
  readonly sys: Sys
  /** Of the map; stays the caller's, who may close it. */
  readonly mapFd: Fd
  /** Bytes: the map's `max_entries`; the kernel is asked if absent. */
  readonly size?: number | undefined
  /** The map was created with BPF_F_RB_OVERWRITE. */
  readonly overwrite?: boolean | undefined
  /** A record at `[offset, offset + length)` of `data`, which is the ring itself: copy what is kept. A copy unless given. */
  readonly decode?: RecordDecoder<T> | undefined
  /** In messages. */
  readonly name?: string | undefined
}

/**
 * The reading end of a BPF_MAP_TYPE_RINGBUF map. One reader at a time.
 *
 * The kernel drops nothing: a program whose reservation fails because the ring is full knows it, and only the program can
 * count that. A ring that overwrites loses its oldest records instead, see `overwritten`.
 */
export class RingBuffer<T = Uint8Array> implements Disposable {
  readonly #ring: MappedRing
  readonly #readiness: Readiness
  readonly #reader: RecordReader<T>
  readonly #drain: (onRecord: RawRecord, limit: number | undefined) => number
  /** No ring of this size ever holds more records at one moment. */
  readonly #capacity: number
  #overwritten = 0
  /** Records are being handed over. */
  #reading = false

  /** @throws SyscallError if the ring cannot be mapped: not a ring buffer, or no permission. */
  constructor({ sys, mapFd, size = ringSizeOf(sys, mapFd), overwrite = false, decode, name = '' }: RingBufferOptions<T>) {
    const readRecord = decode ?? (copyRecord as RecordDecoder<T>)
    const copy = overwrite ? new Uint8Array(size) : undefined
    this.#ring = mapRing(sys, mapFd, size, 'consumer')
    this.#readiness = new Readiness(`ring buffer ${JSON.stringify(name)}`, sys.reactor, [this.#ring.fd])
    this.#capacity = size / headerSize
    this.#drain = copy ? this.#overwriteDrain(copy) : (onRecord, limit) => drainRing(this.#ring.memory, onRecord, limit)
    this.#reader = new RecordReader({
      readiness: this.#readiness,
      capacity: this.#capacity,
      take: (sink, limit) => {
        this.#read((data, offset, length) => sink.push(readRecord(data, offset, length)), limit)
      },
    })
  }

  /** Bytes of records that are there and were not read, with their headers. */
  get pending(): number {
    return this.#readiness.closed ? 0 : unreadBytes(this.#ring.memory)
  }

  /** Bytes of records, with their headers, that a ring that overwrites lost before they were read. */
  get overwritten(): number {
    return this.#overwritten
  }

  /**
   * Hands what is there to `onRecord`, without copying: the memory is the kernel's, valid during the call only. Returns the
   * number of records. Records that an iteration took and did not deliver are not among them.
   *
   * @throws CorruptRingError, or what `onRecord` throws; the record it was called with counts as read
   */
  consume(onRecord: RawRecord, limit?: number): number {
    return this.#readiness.closed ? 0 : this.#read(onRecord, limit)
  }

  /** `consume` as records come, until abort or close. Rejects with what `onRecord` throws. */
  listen(onRecord: RawRecord, options: StreamOptions = {}): Promise<void> {
    return listen(this.#readiness, limit => this.consume(onRecord, limit), this.#capacity, options)
  }

  /** Decoded records as they come. */
  records(options?: StreamOptions): RecordStream<T> {
    return this.#reader.records(options)
  }

  /** Decoded records as they come, in arrays: several times as many in the same time. */
  batches(options?: StreamOptions): RecordStream<T[]> {
    return this.#reader.batches(options)
  }

  /** Every record that is there now, decoded, also what nobody was woken for: to call before `close`. */
  flush(): T[] {
    return this.#reader.flush()
  }

  /** Unmaps; a waiting reader ends, and who is being handed records gets no more of them. Idempotent. */
  close(): void {
    if (this.#readiness.closed) return
    this.#readiness.close()
    this.#ring.close()
    if (this.#reading) endRing(this.#ring.memory)
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #read(onRecord: RawRecord, limit: number | undefined): number {
    this.#reading = true
    try {
      return this.#drain(onRecord, limit)
    } finally {
      this.#reading = false
    }
  }

  #overwriteDrain(copy: Uint8Array): (onRecord: RawRecord, limit: number | undefined) => number {
    return (onRecord, limit) => {
      const { count, overwritten } = drainOverwriteRing(this.#ring.memory, onRecord, copy, limit, () => this.#readiness.closed)
      this.#overwritten += overwritten
      return count
    }
  }
}
