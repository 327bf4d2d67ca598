import type { AnyMap, PerfEventArrayMap, RingbufMap, StreamOptions } from '@bpf/maps'
import type { ObjectSpec } from '@bpf/object'
import { recordDecoder } from './codecs'
import { LoadError } from './errors'

/** One thing that an event buffer delivered. */
export type EventRecord<T = unknown> =
  | { readonly kind: 'record'; readonly map: string; readonly cpu: number | undefined; readonly value: T }
  /** The kernel dropped this many because the reader was too slow; ring buffers never report it. */
  | { readonly kind: 'lost'; readonly map: string; readonly cpu: number; readonly count: number }

export function isEventBuffer(map: AnyMap): map is RingbufMap | PerfEventArrayMap {
  return map.kind === 'ringbuf' || map.kind === 'perfEventArray'
}

/** The readers of an object's event buffers, each alive as long as somebody reads. */
export class EventReaders implements Disposable {
  readonly #spec: ObjectSpec
  readonly #open = new Set<Disposable>()

  constructor(spec: ObjectSpec) {
    this.#spec = spec
  }

  /** @throws LoadError for maps of another kind */
  records(map: AnyMap, options: StreamOptions): AsyncGenerator<EventRecord> {
    if (map.kind === 'ringbuf') return this.#ringRecords(map, options)
    if (map.kind === 'perfEventArray') return this.#perfRecords(map, options)
    throw new LoadError({ stage: 'map', subject: map.name, problem: 'is neither a ring buffer nor a perf event array' })
  }

  [Symbol.dispose](): void {
    for (const reader of this.#open) reader[Symbol.dispose]()
    this.#open.clear()
  }

  async *#ringRecords(map: RingbufMap, options: StreamOptions): AsyncGenerator<EventRecord> {
    using buffer = this.#own(map.open({ decode: recordDecoder(this.#spec, map.name) }))
    for await (const value of buffer.resource.records(options)) yield { kind: 'record', map: map.name, cpu: undefined, value }
  }

  async *#perfRecords(map: PerfEventArrayMap, options: StreamOptions): AsyncGenerator<EventRecord> {
    using buffer = this.#own(map.open({ decode: recordDecoder(this.#spec, map.name) }))
    for await (const record of buffer.resource.records(options)) {
      if (record.kind === 'lost') yield { kind: 'lost', map: map.name, cpu: record.cpu, count: record.count }
      else yield { kind: 'record', map: map.name, cpu: record.cpu, value: record.value }
    }
  }

  /** Closed by whoever comes first: the end of the iteration, or the object's. */
  #own<T extends Disposable>(resource: T): Disposable & { readonly resource: T } {
    this.#open.add(resource)
    return {
      resource,
      [Symbol.dispose]: () => {
        this.#open.delete(resource)
        resource[Symbol.dispose]()
      },
    }
  }
}
