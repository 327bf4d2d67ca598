import { type MapHandle, PerfBuffer, RingBuffer, type StreamOptions } from '@bpf/maps'
import type { ObjectSpec } from '@bpf/object'
import { MapType } from '@bpf/sys'
import { recordDecoder } from './codecs'
import type { Context } from './context'
import { LoadError } from './errors'

/** One thing that an event buffer delivered. */
export type EventRecord<T = unknown> =
  | { readonly kind: 'record'; readonly map: string; readonly cpu: number | undefined; readonly value: T }
  /** The kernel dropped this many because the reader was too slow; ring buffers never report it. */
  | { readonly kind: 'lost'; readonly map: string; readonly cpu: number; readonly count: number }

export function isEventBuffer(type: number): boolean {
  return type === MapType.Ringbuf || type === MapType.PerfEventArray
}

/** The readers of an object's event buffers, each alive as long as somebody reads. */
export class EventReaders implements Disposable {
  readonly #context: Context
  readonly #spec: ObjectSpec
  readonly #open = new Set<Disposable>()

  constructor(context: Context, spec: ObjectSpec) {
    this.#context = context
    this.#spec = spec
  }

  /** @throws LoadError for maps of another kind */
  records(map: MapHandle, options: StreamOptions): AsyncGenerator<EventRecord> {
    if (map.shape.type === MapType.Ringbuf) return this.#ringRecords(map, options)
    if (map.shape.type === MapType.PerfEventArray) return this.#perfRecords(map, options)
    throw new LoadError({ stage: 'map', subject: map.name, problem: 'is neither a ring buffer nor a perf event array' })
  }

  [Symbol.dispose](): void {
    for (const reader of this.#open) reader[Symbol.dispose]()
    this.#open.clear()
  }

  async *#ringRecords(map: MapHandle, options: StreamOptions): AsyncGenerator<EventRecord> {
    const { sys } = this.#context
    const decode = recordDecoder(this.#spec, map.name)
    using buffer = this.#own(new RingBuffer({ sys, mapFd: map.fd, size: map.shape.maxEntries, decode, name: map.name }))
    for await (const value of buffer.resource.records(options)) yield { kind: 'record', map: map.name, cpu: undefined, value }
  }

  async *#perfRecords(map: MapHandle, options: StreamOptions): AsyncGenerator<EventRecord> {
    const { sys, kernel } = this.#context
    const decode = recordDecoder(this.#spec, map.name)
    using buffer = this.#own(new PerfBuffer({ sys, mapFd: map.fd, cpus: kernel.onlineCpus(), decode, name: map.name }))
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
