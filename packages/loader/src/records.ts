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
  readonly onLost?: ((lost: Lost) => void) | undefined
}

export function isEventBuffer(map: AnyMap): map is RingbufMap | PerfEventArrayMap {
  return map.kind === 'ringbuf' || map.kind === 'perfEventArray'
}

type Lost = Extract<EventRecord, { readonly kind: 'lost' }>

/** What reads one event buffer. */
export interface EventReader extends Disposable {
  records(options: StreamOptions): RecordStream<EventRecord>
  batches(options: StreamOptions): RecordStream<EventRecord[]>
  /** The values of the records alone. */
  values(options: StreamOptions, onLost: ((lost: Lost) => void) | undefined): RecordStream<unknown>
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

function ringReader(map: RingbufMap, decoding: Decoding): EventReader {
  const buffer = map.open({ decode: (data, offset, length) => decoding.decode(data, offset, length) })
  const event = (value: unknown) => recordOf(map.name, undefined, value)
  return {
    records: options => buffer.records(options).map(event),
    batches: options => buffer.batches(options).map(values => values.map(event)),
    values: options => buffer.records(options),
    [Symbol.dispose]: () => buffer.close(),
  }
}

function perfReader(map: PerfEventArrayMap, decoding: Decoding): EventReader {
  const buffer = map.open({ decode: (data, offset, length) => decoding.decode(data, offset, length) })
  const lostOf = (cpu: number, count: number): Lost => ({ kind: 'lost', map: map.name, cpu, count })
  const event = (record: PerfRecord<unknown>): EventRecord =>
    record.kind === 'lost' ? lostOf(record.cpu, record.count) : recordOf(map.name, record.cpu, record.value)
  return {
    records: options => buffer.records(options).map(event),
    batches: options => buffer.batches(options).map(batch => batch.map(event)),
    values(options, onLost) {
      const isSample = (record: PerfRecord<unknown>) => {
        if (record.kind === 'lost') onLost?.(lostOf(record.cpu, record.count))
        return record.kind === 'sample'
      }
      return buffer
        .records(options)
        .filter(isSample)
        .map(({ value }) => value)
    },
    [Symbol.dispose]: () => buffer.close(),
  }
}

/** Not a literal: V8 could take all of them for what lives long, see `resultOf` of @bpf/maps. */
function recordOf(map: string, cpu: number | undefined, value: unknown): EventRecord {
  const record = {} as { kind: 'record'; map: string; cpu: number | undefined; value: unknown }
  record.kind = 'record'
  record.map = map
  record.cpu = cpu
  record.value = value
  return record
}
