import { type MapInfo, MapType, snakeName } from '@bpf/sys'
import { type Io, toJson } from '@bpf/terminal'
import { cellsOf, elementTable } from './cells'

/** An entry as the map's codecs give it, or as bytes. */
export interface Entry {
  readonly key: unknown
  readonly value?: unknown
  /** Of per-CPU maps, by CPU. */
  readonly values?: readonly unknown[]
  /** Of maps of descriptors: what is there. */
  readonly id?: number | bigint
}

/** One document, written as it is read. */
export function printDocument({ id, name, type }: Pick<MapInfo, 'id' | 'name' | 'type'>, entries: Iterable<Entry>, io: Io): void {
  const head = toJson({ id, name, type: snakeName(MapType, type) }).slice(0, -1)
  printList(`${head},"entries":[`, entries, entry => entry, ']}', io)
}

function printList(before: string, entries: Iterable<Entry>, show: (entry: Entry) => unknown, after: string, io: Io): void {
  let last: string | undefined
  // The first entry is read before anything is printed: it tells whether the map can be read at all.
  for (const entry of entries) {
    io.out(last === undefined ? before : `${last},`)
    last = toJson(show(entry))
  }
  io.out(last === undefined ? `${before}${after}` : `${last}${after}`)
}

/** As `bpftool -j map dump` prints them. */
export function printBpftoolEntries(entries: Iterable<Entry>, show: (entry: Entry) => unknown, io: Io): void {
  printList('[', entries, show, ']', io)
}

/** A line an entry, or an entry and CPU. */
export function printEntries(name: string, entries: Iterable<Entry>, io: Io): void {
  const table = elementTable(io)
  let count = 0
  for (const { key, value, values, id } of entries) {
    count++
    if (id !== undefined) table.row({ ...cellsOf('key', key), id })
    else if (values === undefined) table.row({ ...cellsOf('key', key), ...cellsOf('value', value) })
    else for (const [cpu, each] of values.entries()) table.row({ ...cellsOf('key', key), cpu, ...cellsOf('value', each) })
  }
  io.note(`${name || 'map'}: ${count} ${count === 1 ? 'entry' : 'entries'}`)
}
