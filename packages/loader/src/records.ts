import type { AnyMap, PerfEventArrayMap, PerfRecord, RecordStream, RingbufMap, StreamOptions } from '@bpf/maps'
import type { ObjectSpec } from '@bpf/object'
import { type RecordDecoder, type RecordTypeChoice, recordDecoder } from './codecs'
import { LoadError } from './errors'

/** One thing that an event buffer delivered. */
export type EventRecord<T = unknown> =
  | { readonly kind: 'record'; readonly map: string; readonly cpu: number | undefined; readonly value: T }
  /** The kernel dropped this many because the reader was too slow; ring buffers never report it. */
  | { readonly kind: 'lost'; readonly map: string; readonly cpu: number; readonly count: number }

export interface RecordOptions<Value = unknown> extends StreamOptions {
  /**
   * What the records are where the map does not declare it, or other than it declares: a type of the object's BTF by its name,
   * `struct event`; or a codec. It holds for the buffer from then on.
   */
  readonly type?: RecordTypeChoice<Value> | undefined
}

export interface EventOptions<Value = unknown> extends RecordOptions<Value> {
  /** The kernel dropped records: perf buffers only. */
  readonly onLost?: ((lost: Extract<EventRecord, { readonly kind: 'lost' }>) => void) | undefined
}

export function isEventBuffer(map: AnyMap): map is RingbufMap | PerfEventArrayMap {
  return map.kind === 'ringbuf' || map.kind === 'perfEventArray'
}

/** What reads one event buffer. */
export interface EventReader extends Disposable {
  records(options: StreamOptions): RecordStream<EventRecord>
  batches(options: StreamOptions): RecordStream<EventRecord[]>
}

/**
 * The readers of an object's event buffers: one a buffer, from the first iteration on until the object is closed, so that the
 * next iteration begins with what the last one took and did not deliver.
 */
export class EventReaders implements Disposable {
  readonly #spec: ObjectSpec
  readonly #open = new Map<string, OpenReader>()

  constructor(spec: ObjectSpec) {
    this.#spec = spec
  }

  /** @throws LoadError for maps of another kind, SyscallError if the buffer cannot be opened, ObjectError for unknown types */
  of(map: AnyMap, type?: RecordTypeChoice): EventReader {
    const opened = this.#open.get(map.name)
    if (opened !== undefined && type === undefined) return opened.reader
    const decode = recordDecoder(this.#spec, map.name, type)
    if (opened !== undefined) {
      opened.decoding.decode = decode
      return opened.reader
    }
    const decoding = { decode }
    const reader = openReader(map, decoding)
    this.#open.set(map.name, { reader, decoding })
    return reader
  }

  [Symbol.dispose](): void {
    for (const { reader } of this.#open.values()) reader[Symbol.dispose]()
    this.#open.clear()
  }
}

/** How records become values, until the caller says otherwise. */
interface Decoding {
  decode: RecordDecoder
}

interface OpenReader {
  readonly reader: EventReader
  readonly decoding: Decoding
}

function openReader(map: AnyMap, decoding: Decoding): EventReader {
  if (map.kind === 'ringbuf') return ringReader(map, decoding)
  if (map.kind === 'perfEventArray') return perfReader(map, decoding)
  throw new LoadError({ stage: 'map', subject: map.name, problem: 'is neither a ring buffer nor a perf event array' })
}

/** The buffer itself, which decodes to events: nothing stands between it and who iterates. */
function ringReader(map: RingbufMap, decoding: Decoding): EventReader {
  const { name } = map
  return map.open<EventRecord>({
    decode: (data, offset, length) => ({ kind: 'record', map: name, cpu: undefined, value: decoding.decode(data, offset, length) }),
  })
}

function perfReader(map: PerfEventArrayMap, decoding: Decoding): EventReader {
  const buffer = map.open({ decode: (data, offset, length) => decoding.decode(data, offset, length) })
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

/** The values of records as they come; losses are told to `onLost`. */
export function valuesOf<T>(from: RecordStream<EventRecord<T>>, onLost: EventOptions['onLost']): RecordStream<T> {
  const toValue = (
    result: IteratorResult<EventRecord<T>, undefined>,
  ): IteratorResult<T, undefined> | Promise<IteratorResult<T, undefined>> => {
    if (result.done) return result
    if (result.value.kind === 'record') return { done: false, value: result.value.value }
    try {
      onLost?.(result.value)
    } catch (error) {
      void from.return()
      throw error
    }
    return from.next().then(toValue)
  }
  return streamOf(from, () => from.next().then(toValue))
}

function mapEach<A, B>(from: RecordStream<A>, change: (value: A) => B): RecordStream<B> {
  return streamOf(from, () => from.next().then(result => (result.done ? result : { done: false, value: change(result.value) })))
}

/** One that ends with `from`. */
function streamOf<T>(from: RecordStream<unknown>, next: () => Promise<IteratorResult<T, undefined>>): RecordStream<T> {
  return {
    next,
    return: () => from.return(),
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
