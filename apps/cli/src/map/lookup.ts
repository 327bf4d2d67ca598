import { BpfError } from '@bpf/bytes'
import { PerCpuMap } from '@bpf/maps'
import { Errno } from '@bpf/sys'
import { ExitCode, type Io, toJson, UsageError } from '@bpf/terminal'
import { withKernel } from '../context'
import { takeSelector } from '../selector'
import { cellsOf, elementTable } from './cells'
import { parseElement } from './element-words'
import { cannot, keyShape, type OpenedMap, openSelectedMap, storageOwner } from './open'

interface Invocation {
  readonly positionals: readonly string[]
  readonly options: { readonly hex: boolean; readonly json: boolean }
  readonly io: Io
}

/** `bpf map lookup SELECTOR key KEY`. Ends with 1 if there is nothing. */
export function runMapLookup({ positionals, options, io }: Invocation): Promise<number> {
  const { selector, rest } = takeSelector(positionals, 'map', io)
  return withKernel(context => {
    let key: unknown
    using opened = openSelectedMap(context, selector, info => {
      key = parseElement(rest, keyShape(info))
      return { key: key instanceof Uint8Array, value: options.hex }
    })
    const found = lookup(opened, key)
    if (found === undefined) throw new BpfError('ERR_BPF_NO_ENTRY', `map ${opened.info.id} ${opened.info.name} has nothing at that key`)
    printFound(key, found, options.json, io)
    return ExitCode.Ok
  })
}

function lookup(opened: OpenedMap, key: unknown): { readonly value: unknown } | { readonly values: readonly unknown[] } | undefined {
  const { map } = opened
  if (map instanceof PerCpuMap) {
    const values = map.get(key)
    return values && { values }
  }
  if (map.kind === 'bloom') return map.has(key) ? { value: true } : undefined
  if (map.kind === 'storage') return some(map.get(storageOwner(key)))
  if (map.kind === 'keyed') return some(map.get(key))
  if (map.kind === 'descriptors' || map.kind === 'mapOfMaps') return some(map.id(key))
  throw cannot('looked up', opened)
}

const some = (value: unknown) => (value === undefined ? undefined : { value })

function printFound(
  key: unknown,
  found: { readonly value: unknown } | { readonly values: readonly unknown[] },
  json: boolean,
  io: Io,
): void {
  if (json) {
    io.out(toJson({ key, ...found }))
    return
  }
  const table = elementTable(io, { whole: true })
  if ('value' in found) table.row(cellsOf('value', found.value))
  else for (const [cpu, value] of found.values.entries()) table.row({ cpu, ...cellsOf('value', value) })
}

/** `bpf map getnext SELECTOR [key KEY]`: the key behind, or the first, as bytes. Ends with 1 behind the last. */
export function runMapGetnext({ positionals, options, io }: Invocation): Promise<number> {
  const { selector, rest } = takeSelector(positionals, 'map', io)
  return withKernel(context => {
    using opened = openSelectedMap(context, selector, () => ({ key: true, value: true }))
    const { map, info } = opened
    if (map.kind !== 'keyed' && map.kind !== 'perCpu') throw cannot('walked key by key', opened)
    const key = rest.length === 0 ? undefined : parseElement(rest, { ...keyShape(info), typed: false })
    if (key !== undefined && !(key instanceof Uint8Array)) throw new UsageError('getnext takes a number, or bytes: hex 00 01 …')
    const raw = map.raw()
    if (key !== undefined) raw.key.set(key)
    const operation = key === undefined ? 'first' : 'next'
    const errno = raw[operation]()
    if (errno === Errno.ENOENT) throw new BpfError('ERR_BPF_NO_ENTRY', 'there is no next key')
    if (errno !== 0) throw raw.error(operation, errno)
    const nextKey = raw.nextKey.slice()
    io.out(options.json ? toJson({ key: key ?? null, nextKey }) : String(cellsOf('key', nextKey)['key']))
    return ExitCode.Ok
  })
}
