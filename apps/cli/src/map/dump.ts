import type { Selector } from '@bpf/kernel'
import { PerCpuMap } from '@bpf/maps'
import { MapType, snakeName } from '@bpf/sys'
import { ExitCode, type Io, StreamTable, toJson } from '@bpf/terminal'
import { type KernelContext, withKernel } from '../context'
import { noMore, takeSelector } from '../selector'
import { bpftoolBytes } from './bpftool'
import { cellsOf } from './cells'
import { cannot, type OpenedMap, openSelectedMap } from './open'

interface DumpOptions {
  readonly hex: boolean
  readonly json: boolean
  readonly 'bpftool-json': boolean
}

/** `bpf map dump SELECTOR` */
export function runMapDump(invocation: {
  readonly positionals: readonly string[]
  readonly options: DumpOptions
  readonly io: Io
}): Promise<number> {
  const { positionals, options, io } = invocation
  const { selector, rest } = takeSelector(positionals, 'map', io)
  noMore(rest)
  return withKernel(context => {
    using opened = open(context, selector, options)
    const entries = entriesOf(opened)
    if (options['bpftool-json']) printList('[', entries, bpftoolEntry, ']', io)
    else if (options.json) printDocument(opened, entries, io)
    else printEntries(opened, entries, io)
    return ExitCode.Ok
  })
}

function open(context: KernelContext, selector: Selector, options: DumpOptions): OpenedMap {
  const bytes = options.hex || options['bpftool-json']
  return openSelectedMap(context, selector, () => ({ key: bytes, value: bytes }))
}

interface Entry {
  readonly key: unknown
  readonly value?: unknown
  /** Of per-CPU maps, by CPU. */
  readonly values?: readonly unknown[]
  /** Of maps of descriptors: what is there. */
  readonly id?: number | bigint
}

/** Read some thousands at a time. */
function* entriesOf(opened: OpenedMap): Generator<Entry> {
  const { map } = opened
  if (map instanceof PerCpuMap) for (const [key, values] of map.entries()) yield { key, values }
  else if (map.kind === 'keyed') for (const [key, value] of map.entries()) yield { key, value }
  else if (map.kind === 'descriptors' || map.kind === 'mapOfMaps') for (const [key, id] of map.entries()) yield { key, id }
  else if (map.kind === 'structOps') yield { key: 0, value: map.value() }
  else throw cannot('dumped', opened, hints[map.kind])
}

const hints: Readonly<Record<string, string>> = {
  queue: 'bpf map peek shows the next value, bpf map pop takes it out',
  ringbuf: 'bpf map event_pipe shows its records as they come',
  perfEventArray: 'bpf map event_pipe shows its records as they come',
  storage: 'its values belong to sockets, tasks, inodes or cgroups: bpf map lookup takes a pid for a task',
}

/** One document, written as it is read. */
function printDocument({ info }: OpenedMap, entries: Iterable<Entry>, io: Io): void {
  const { id, name, type } = info
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

/** As `bpftool -j map dump` prints it, without what it makes of BTF. */
function bpftoolEntry({ key, value, values, id }: Entry): unknown {
  const hex = (bytes: unknown) => (bytes instanceof Uint8Array ? bpftoolBytes(bytes) : bytes)
  if (id !== undefined) return { key: hex(key), inner_map_id: [`${id}`] }
  if (values === undefined) return { key: hex(key), value: hex(value) }
  return { key: hex(key), values: values.map((each, cpu) => ({ cpu, value: hex(each) })) }
}

function printEntries({ map }: OpenedMap, entries: Iterable<Entry>, io: Io): void {
  const table = new StreamTable({ print: io.out, styleHeader: line => io.style('dim', line) })
  let count = 0
  for (const { key, value, values, id } of entries) {
    count++
    if (id !== undefined) table.row({ ...cellsOf('key', key), id })
    else if (values === undefined) table.row({ ...cellsOf('key', key), ...cellsOf('value', value) })
    else for (const [cpu, each] of values.entries()) table.row({ ...cellsOf('key', key), cpu, ...cellsOf('value', each) })
  }
  io.note(`${map.name || 'map'}: ${count} ${count === 1 ? 'entry' : 'entries'}`)
}
