import { type Fd, perfEventPauseOutput, type Sys } from '@bpf/sys'
import { copyRecord, type RecordDecoder } from './decode'
import { listen } from './listen'
import { openPerfEventRings, type PerfEventRing } from './perf-event-ring'
import { createScratch, drainPerfRing } from './perf-ring'
import { Readiness } from './readiness'
import type { RecordStream } from './record-iterator'
import { RecordReader, type StreamOptions } from './record-reader'

export interface PerfBufferOptions<T> {
  readonly sys: Sys
  /** Of the BPF_MAP_TYPE_PERF_EVENT_ARRAY map; stays the caller's, who may close it. */
  readonly mapFd: Fd
  /** The CPUs to read from; those that are offline are left out. */
  readonly cpus: readonly number[]
  /** Size of each CPU's ring in pages, a power of two. 64 unless given. */
  readonly pages?: number | undefined
  /**
   * Wake the reader only after so many samples, or so many bytes (`watermark`), on one CPU; after each sample unless given.
   * What lies below waits: pass `interval` to the iterator, or call `flush`.
   */
  readonly wakeup?: { readonly samples: number } | { readonly bytes: number } | undefined
  /**
   * A sample at `[offset, offset + length)` of `data`: copy what is kept. Up to 7 bytes at its end may be padding. A copy
   * unless given.
   */
  readonly decode?: RecordDecoder<T> | undefined
  /** In messages. */
  readonly name?: string | undefined
}

/** What a perf buffer delivers. */
export type PerfRecord<T> =
  | { readonly kind: 'sample'; readonly cpu: number; readonly value: T }
  /** The kernel dropped this many samples of this CPU, just before the next one, because its ring was full. */
  | { readonly kind: 'lost'; readonly cpu: number; readonly count: number }

/** A sample of one CPU in the ring's own memory, or in a copy if it wrapped: valid during the call only. */
export type RawSample = (cpu: number, data: DataView, offset: number, length: number) => void

const defaultPages = 64
/** Header of a record, and so the least it takes. Bytes. */
const shortestRecord = 8

/**
 * The reading end of a BPF_MAP_TYPE_PERF_EVENT_ARRAY map: a ring for each CPU. One reader at a time; samples of one CPU come in
 * order, those of several do not.
 */
export class PerfBuffer<T = Uint8Array> implements Disposable {
  readonly #sys: Sys
  readonly #rings: readonly PerfEventRing[]
  readonly #readiness: Readiness
  readonly #reader: RecordReader<PerfRecord<T>>
  readonly #capacity: number
  readonly #scratch = createScratch()
  /** Whose turn it is to be read first, so that a busy CPU cannot keep the others waiting. */
  #turn = 0
  #lost = 0

  /** @throws SyscallError if an event cannot be opened, mapped, or put into the map */
  constructor({ sys, mapFd, cpus, pages = defaultPages, wakeup = { samples: 1 }, decode, name = '' }: PerfBufferOptions<T>) {
    const readSample = decode ?? (copyRecord as RecordDecoder<T>)
    this.#sys = sys
    this.#rings = openPerfEventRings({ sys, mapFd, cpus, pages, wakeup, backward: false })
    const fds = this.#rings.map(ring => ring.fd)
    this.#readiness = new Readiness(`perf buffer ${JSON.stringify(name)}`, sys.reactor, fds, { everyWake: true })
    this.#capacity = (this.#rings.length * pages * sys.native.pageSize) / shortestRecord
    this.#reader = new RecordReader({
      readiness: this.#readiness,
      capacity: this.#capacity,
      take: (sink, limit) => {
        this.consume(
          (cpu, data, offset, length) => sink.push(sampleOf(cpu, readSample(data, offset, length))),
          (cpu, count) => sink.push({ kind: 'lost', cpu, count }),
          limit,
        )
      },
    })
  }

  /** CPUs that have a ring. */
  get cpus(): readonly number[] {
    return this.#rings.map(ring => ring.cpu)
  }

  /** Samples that the kernel dropped, as far as it has said so in what was read. It says so before the next sample only. */
  get lost(): number {
    return this.#lost
  }

  /**
   * Hands what is there to the callbacks; sample memory is valid during the call only. Returns the number of records. Records
   * that an iteration took and did not deliver are not among them.
   *
   * @throws CorruptRingError, or what a callback throws; the record it was called with counts as read
   */
  consume(onSample: RawSample, onLost: (cpu: number, count: number) => void = () => {}, limit = Number.POSITIVE_INFINITY): number {
    let count = 0
    const rings = this.#readiness.closed ? [] : this.#rings
    const first = this.#turn++
    const isClosed = () => this.#readiness.closed
    for (let i = 0; i < rings.length && count < limit && !isClosed(); i++) {
      const ring = rings[(first + i) % rings.length]
      if (ring === undefined) continue
      const { cpu } = ring
      const handlers = {
        onSample: (data: DataView, offset: number, length: number) => onSample(cpu, data, offset, length),
        onLost: (lost: number) => {
          this.#lost += lost
          onLost(cpu, lost)
        },
        isClosed,
      }
      count += drainPerfRing(ring.memory, handlers, this.#scratch, limit - count)
    }
    return count
  }

  /** `consume` as samples come, until abort or close. Rejects with what a callback throws. */
  listen(onSample: RawSample, onLost?: (cpu: number, count: number) => void, options: StreamOptions = {}): Promise<void> {
    return listen(this.#readiness, limit => this.consume(onSample, onLost, limit), this.#capacity, options)
  }

  /** Samples and losses as they come. */
  records(options?: StreamOptions): RecordStream<PerfRecord<T>> {
    return this.#reader.records(options)
  }

  /** Samples and losses as they come, in arrays: several times as many in the same time. */
  batches(options?: StreamOptions): RecordStream<PerfRecord<T>[]> {
    return this.#reader.batches(options)
  }

  /** Everything that is there now, also what nobody was woken for: to call before `close`. */
  flush(): PerfRecord<T>[] {
    return this.#reader.flush()
  }

  /** Programs' output is dropped, and not counted as lost, until `resume`. What is there can be read. @throws SyscallError */
  pause(): void {
    for (const ring of this.#openRings()) perfEventPauseOutput(this.#sys, ring.fd, true)
  }

  /** @throws SyscallError */
  resume(): void {
    for (const ring of this.#openRings()) perfEventPauseOutput(this.#sys, ring.fd, false)
  }

  /** Takes the rings out of the map and unmaps them; a waiting reader ends, one that is being handed records too. Idempotent. */
  close(): void {
    if (this.#readiness.closed) return
    this.#readiness.close()
    for (const ring of this.#rings) ring.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #openRings(): readonly PerfEventRing[] {
    return this.#readiness.closed ? [] : this.#rings
  }
}

/** Not a literal, see `resultOf` of record-iterator.ts. */
function sampleOf<T>(cpu: number, value: T): PerfRecord<T> {
  const sample = {} as { kind: 'sample'; cpu: number; value: T }
  sample.kind = 'sample'
  sample.cpu = cpu
  sample.value = value
  return sample
}
