import { BpfError } from '@bpf/bytes'
import { PerCpuMap } from '@bpf/maps'
import { Errno, type MapInfo } from '@bpf/sys'
import { ExitCode, type Io, toJson, UsageError } from '@bpf/terminal'
import { withKernel } from '../context'
import { takeSelector } from '../selector'
import { bpftoolBytes } from './bpftool'
import { bpftoolEntryOf } from './bpftool-entry'
import { cellsOf, elementTable } from './cells'
import { parseElement } from './element-words'
import { cannot, keyShape, type OpenedMap, openSelectedMap, storageOwner } from './open'

interface Invocation {
  readonly positionals: readonly string[]
  readonly options: { readonly hex: boolean; readonly json: boolean; readonly 'bpftool-json': boolean }
  readonly io: Io
}

/** `bpf map lookup SELECTOR key KEY`. Ends with 1 if there is nothing. */
export function runMapLookup({ positionals, options, io }: Invocation): Promise<number> {
  const { selector, rest } = takeSelector(positionals, 'map', io)
  return withKernel(context => {
    const isBpftool = options['bpftool-json']
    let key: unknown
    using opened = openSelectedMap(context, selector, info => {
      key = isBpftool ? parseBytes(rest, info, 'lookup') : parseElement(rest, keyShape(info))
      return { key: key instanceof Uint8Array, value: options.hex || isBpftool }
    })
    const found = lookup(opened, key)
    if (isBpftool) {
      io.out(toJson(found === undefined ? null : bpftoolEntryOf(context, opened.info)({ key, ...found })))
      return found === undefined ? ExitCode.Failed : ExitCode.Ok
    }
    if (found === undefined) throw new BpfError('ERR_BPF_NO_ENTRY', `map ${opened.info.id} ${opened.info.name} has nothing at that key`)
    printFound(key, found, options.json, io)
    return ExitCode.Ok
  })
}

type Found = { readonly value: unknown; readonly id?: number | bigint } | { readonly values: readonly unknown[] }

function lookup(opened: OpenedMap, key: unknown): Found | undefined {
  const { map } = opened
  if (map instanceof PerCpuMap) {
    const values = map.get(key)
    return values && { values }
  }
  if (map.kind === 'bloom') return map.has(key) ? { value: true } : undefined
  if (map.kind === 'storage') return some(map.get(storageOwner(key)))
  if (map.kind === 'keyed') return some(map.get(key))
  if (map.kind === 'descriptors' || map.kind === 'mapOfMaps') {
    const id = map.id(key)
    return id === undefined ? undefined : { value: id, id }
  }
  throw cannot('looked up', opened)
}

const some = (value: unknown) => (value === undefined ? undefined : { value })

function printFound(key: unknown, found: Found, json: boolean, io: Io): void {
  if (json) {
    io.out(toJson({ key, ...('value' in found ? { value: found.value } : found) }))
    return
  }
  const table = elementTable(io, { whole: true })
  if ('value' in found) table.row(cellsOf('value', found.value))
  else for (const [cpu, value] of found.values.entries()) table.row({ cpu, ...cellsOf('value', value) })
}

/** A key as what it is in memory. @throws UsageError */
function parseBytes(words: readonly string[], info: MapInfo, command: string): Uint8Array {
  const key = parseElement(words, { ...keyShape(info), typed: false })
  if (key instanceof Uint8Array) return key
  throw new UsageError(`${command} takes a number, or bytes: hex 00 01 …`)
}

/** `bpf map getnext SELECTOR [key KEY]`: the key behind, or the first, as bytes. Ends with 1 behind the last. */
export function runMapGetnext({ positionals, options, io }: Invocation): Promise<number> {
  const { selector, rest } = takeSelector(positionals, 'map', io)
  return withKernel(context => {
    using opened = openSelectedMap(context, selector, () => ({ key: true, value: true }))
    const { map, info } = opened
    if (map.kind !== 'keyed' && map.kind !== 'perCpu') throw cannot('walked key by key', opened)
    const key = rest.length === 0 ? undefined : parseBytes(rest, info, 'getnext')
    const raw = map.raw()
    if (key !== undefined) raw.key.set(key)
    const operation = key === undefined ? 'first' : 'next'
    const errno = raw[operation]()
    if (errno === Errno.ENOENT) throw new BpfError('ERR_BPF_NO_ENTRY', 'there is no next key')
    if (errno !== 0) throw raw.error(operation, errno)
    const nextKey = raw.nextKey.slice()
    if (options['bpftool-json']) io.out(toJson({ key: key === undefined ? null : bpftoolBytes(key), next_key: bpftoolBytes(nextKey) }))
    else io.out(options.json ? toJson({ key: key ?? null, nextKey }) : String(cellsOf('key', nextKey)['key']))
    return ExitCode.Ok
  })
}
