import type { AnyMap, PerfEventArrayMap, PerfRecord, RecordStream, RingbufMap, StreamOptions } from '@bpf/maps'
import type { ObjectSpec } from '@bpf/object'
import { recordDecoder } from './codecs'
import { LoadError } from './errors'

/** One thing that an event buffer delivered. */
export type EventRecord<T = unknown> =
  | { readonly kind: 'record'; readonly map: string; readonly cpu: number | undefined; readonly value: T }
  /** The kernel dropped this many because the reader was too slow; ring buffers never report it. */
  | { readonly kind: 'lost'; readonly map: string; readonly cpu: number; readonly count: number }

export interface EventOptions extends StreamOptions {
  /** The kernel dropped records: perf buffers only. */
  readonly onLost?: ((lost: Extract<EventRecord, { readonly kind: 'lost' }>) => void) | undefined
}

export function isEventBuffer(map: AnyMap): map is RingbufMap | PerfEventArrayMap {
  return map.kind === 'ringbuf' || map.kind === 'perfEventArray'
}

/** What reads one event buffer. */
interface EventReader extends Disposable {
  records(options: StreamOptions): RecordStream<EventRecord>
  batches(options: StreamOptions): RecordStream<EventRecord[]>
}

/**
 * The readers of an object's event buffers: one a buffer, from the first iteration on until the object is closed, so that the
 * next iteration begins with what the last one took and did not deliver.
 */
export class EventReaders implements Disposable {
  readonly #spec: ObjectSpec
  readonly #open = new Map<string, EventReader>()

  constructor(spec: ObjectSpec) {
    this.#spec = spec
  }

  /** @throws LoadError for maps of another kind, SyscallError if the buffer cannot be opened */
  of(map: AnyMap): EventReader {
    const reader = this.#open.get(map.name) ?? openReader(this.#spec, map)
    this.#open.set(map.name, reader)
    return reader
  }

  [Symbol.dispose](): void {
    for (const reader of this.#open.values()) reader[Symbol.dispose]()
    this.#open.clear()
  }
}

function openReader(spec: ObjectSpec, map: AnyMap): EventReader {
  if (map.kind === 'ringbuf') return ringReader(spec, map)
  if (map.kind === 'perfEventArray') return perfReader(spec, map)
  throw new LoadError({ stage: 'map', subject: map.name, problem: 'is neither a ring buffer nor a perf event array' })
}

/** The buffer itself, which decodes to events: nothing stands between it and who iterates. */
function ringReader(spec: ObjectSpec, map: RingbufMap): EventReader {
  const { name } = map
  const decode = recordDecoder(spec, name)
  return map.open<EventRecord>({
    decode: (data, offset, length) => ({ kind: 'record', map: name, cpu: undefined, value: decode(data, offset, length) }),
  })
}

function perfReader(spec: ObjectSpec, map: PerfEventArrayMap): EventReader {
  const buffer = map.open({ decode: recordDecoder(spec, map.name) })
  const event = (record: PerfRecord<unknown>): EventRecord =>
    record.kind === 'lost'
      ? { kind: 'lost', map: map.name, cpu: record.cpu, count: record.count }
      : { kind: 'record', map: map.name, cpu: record.cpu, value: record.value }
  return {
    records: options => mapEach(buffer.records(options), event),
    batches: options => mapEach(buffer.batches(options), batch => batch.map(event)),
    [Symbol.dispose]: () => buffer.close(),
  }
}

function mapEach<A, B>(from: RecordStream<A>, change: (value: A) => B): RecordStream<B> {
  return {
    next: () => from.next().then(result => (result.done ? result : { done: false, value: change(result.value) })),
    return: () => from.return(),
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
