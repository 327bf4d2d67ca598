import type { EventRecord, LoadedObject } from '@bpf/loader'
import type { Io } from '@bpf/terminal'
import { roomOf, StreamTable, toJson } from '@bpf/terminal'

/** What a stream came to. */
export interface StreamTotals {
  events: number
  lost: number
}

export interface EventStreamOptions {
  readonly io: Io
  readonly json: boolean
  /** Events after which to stop. */
  readonly count: number
  /** Ends the streams: Ctrl-C, the time given with --for. */
  readonly stop: AbortController
}

/** Shows what all event buffers of an object deliver, until `stop`. */
export async function streamEvents(object: LoadedObject, options: EventStreamOptions): Promise<StreamTotals> {
  const totals: StreamTotals = { events: 0, lost: 0 }
  const several = object.buffers.length > 1
  await Promise.all(object.buffers.map(name => streamBuffer(object, name, several, totals, options)))
  return totals
}

async function streamBuffer(
  object: LoadedObject,
  name: string,
  several: boolean,
  totals: StreamTotals,
  options: EventStreamOptions,
): Promise<void> {
  const lines = new Lines(options.io)
  const print = options.json ? jsonPrinter(lines) : tablePrinter(options.io, lines, several ? name : undefined)
  for await (const batch of object.batches(name, { signal: options.stop.signal })) {
    for (const record of batch) {
      if (record.kind === 'lost') totals.lost += record.count
      else if (totals.events >= options.count) break
      else totals.events++
      print(record)
    }
    lines.flush()
    if (totals.events >= options.count) options.stop.abort()
  }
}

/** The lines of a batch, which go out at once: a write takes as long as making the line, and a slow reader loses events. */
class Lines {
  readonly #io: Io
  #lines: string[] = []

  constructor(io: Io) {
    this.#io = io
  }

  readonly add = (line: string): void => {
    this.#lines.push(line)
  }

  flush(): void {
    if (this.#lines.length > 0) this.#io.out(this.#lines.join('\n'))
    this.#lines = []
  }
}

type Printer = (record: EventRecord) => void

/** `{"map":"events","value":{…}}`, and `{"map":"events","cpu":0,"lost":3}`. */
function jsonPrinter(lines: Lines): Printer {
  return record => {
    const { kind: _, ...fields } = record.kind === 'lost' ? { ...record, lost: record.count, count: undefined } : record
    lines.add(toJson(fields))
  }
}

function tablePrinter(io: Io, lines: Lines, name: string | undefined): Printer {
  const table = new StreamTable({ print: lines.add, styleHeader: line => io.style('bold', line), room: () => roomOf(io) })
  return record => {
    if (record.kind === 'lost') {
      // What came before the loss stands before its note.
      lines.flush()
      io.note(io.style('yellow', `${record.map}: ${record.count} events lost on CPU ${record.cpu}`))
      return
    }
    const value = name === undefined ? record.value : { map: name, ...asRecord(record.value) }
    table.row(value)
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) ? { ...value } : { value }
}
