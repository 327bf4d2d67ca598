import type { Selector } from '@bpf/kernel'
import { PerCpuMap } from '@bpf/maps'
import { ExitCode, type Io } from '@bpf/terminal'
import { type KernelContext, withKernel } from '../context'
import { noMore, takeSelector } from '../selector'
import { bpftoolEntryOf } from './bpftool-entry'
import { cannot, type OpenedMap, openSelectedMap } from './open'
import { type Entry, printBpftoolEntries, printDocument, printEntries } from './print-entries'

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
    if (options['bpftool-json']) printBpftoolEntries(entries, bpftoolEntryOf(context, opened.info), io)
    else if (options.json) printDocument(opened.info, entries, io)
    else printEntries(opened.map.name, entries, io)
    return ExitCode.Ok
  })
}

function open(context: KernelContext, selector: Selector, options: DumpOptions): OpenedMap {
  const bytes = options.hex || options['bpftool-json']
  return openSelectedMap(context, selector, () => ({ key: bytes, value: bytes }))
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
