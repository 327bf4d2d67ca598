import { BpfError } from '@bpf/bytes'
import { ExitCode, type Io, toJson } from '@bpf/terminal'
import { withKernel } from '../context'
import { noMore, takeSelector } from '../selector'
import { bpftoolEntryOf } from './bpftool-entry'
import { cellsOf, elementTable } from './cells'
import { parseElement } from './element-words'
import { cannot, openSelectedMap, valueShape } from './open'

interface Invocation {
  readonly positionals: readonly string[]
  readonly options: { readonly hex: boolean; readonly json: boolean; readonly 'bpftool-json': boolean }
  readonly io: Io
}

/** `bpf map peek|pop SELECTOR`: the next value, left where it is or taken out. Ends with 1 if there is none. */
export function runMapNext(operation: 'peek' | 'pop', { positionals, options, io }: Invocation): Promise<number> {
  const { selector, rest } = takeSelector(positionals, 'map', io)
  noMore(rest)
  return withKernel(context => {
    using opened = openSelectedMap(context, selector, () => ({ value: options.hex || options['bpftool-json'] }))
    const { map } = opened
    if (map.kind !== 'queue') throw cannot(`read with ${operation}`, opened, 'that is for queues and stacks')
    const value = map[operation]()
    if (value === undefined) throw new BpfError('ERR_BPF_NO_ENTRY', `map ${opened.info.id} ${map.name} is empty`)
    if (options['bpftool-json']) io.out(toJson(bpftoolEntryOf(context, opened.info)({ key: undefined, value })))
    else if (options.json) io.out(toJson({ value }))
    else elementTable(io, { whole: true }).row(cellsOf('value', value))
    return ExitCode.Ok
  })
}

/** `bpf map push SELECTOR value VALUE`: into a queue, a stack or a bloom filter. */
export function runMapPush({ positionals, io }: Pick<Invocation, 'positionals' | 'io'>): Promise<number> {
  const { selector, rest } = takeSelector(positionals, 'map', io)
  return withKernel(context => {
    let value: unknown
    using opened = openSelectedMap(context, selector, info => {
      value = parseElement(rest, valueShape(info))
      return { value: value instanceof Uint8Array }
    })
    const { map } = opened
    if (map.kind === 'bloom') map.add(value)
    else if (map.kind !== 'queue') throw cannot('pushed to', opened, 'bpf map update writes an entry')
    else if (!map.push(value)) throw new BpfError('ERR_BPF_MAP_FULL', `map ${opened.info.id} ${map.name} is full`)
    return ExitCode.Ok
  })
}
