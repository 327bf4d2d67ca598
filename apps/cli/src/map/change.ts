import { BpfError } from '@bpf/bytes'
import { PerCpuMap, type SetMode } from '@bpf/maps'
import { MapType, type OwnedFd } from '@bpf/sys'
import { ExitCode, type Io, UsageError } from '@bpf/terminal'
import { type KernelContext, withKernel } from '../context'
import { noMore, openOne, takeSelector } from '../selector'
import { parseElement, splitWords } from './element-words'
import { cannot, keyShape, type OpenedMap, openSelectedMap, storageOwner, valueShape } from './open'

interface Invocation {
  readonly positionals: readonly string[]
  readonly io: Io
}

/** As bpftool calls what an update does about an entry that exists or is missing. */
const modes: Readonly<Record<string, SetMode>> = { any: 'any', noexist: 'create', exist: 'replace' }

/** `bpf map update SELECTOR key KEY value VALUE [any|noexist|exist]` */
export function runMapUpdate({ positionals, io }: Invocation): Promise<number> {
  const { selector, rest } = takeSelector(positionals, 'map', io)
  const mode = modes[rest.at(-1) ?? '']
  const words = splitWords(mode === undefined ? rest : rest.slice(0, -1))
  return withKernel(context => {
    let [key, value]: unknown[] = []
    using opened = openSelectedMap(context, selector, info => {
      key = parseElement(words.key, keyShape(info))
      if (holdsDescriptors(info.type)) return { key: key instanceof Uint8Array }
      value = parseElement(words.value, valueShape(info))
      return { key: key instanceof Uint8Array, value: value instanceof Uint8Array }
    })
    const { type } = opened.info
    using source = holdsDescriptors(type) ? openElement(context, opened, words.value, io) : undefined
    const done = source === undefined ? set(opened, key, value, mode ?? 'any') : setDescriptor(opened, key, source, mode ?? 'any')
    if (!done) throw new BpfError('ERR_BPF_ENTRY', mode === 'create' ? 'there is an entry at that key' : 'there is no entry at that key')
    return ExitCode.Ok
  })
}

const programArrays: ReadonlySet<number> = new Set([MapType.ProgArray])
const mapsOfMaps: ReadonlySet<number> = new Set([MapType.ArrayOfMaps, MapType.HashOfMaps])

function holdsDescriptors(type: number): boolean {
  return programArrays.has(type) || mapsOfMaps.has(type)
}

/** What is to be put into the map is a program, or a map, and named as such. */
function openElement(context: KernelContext, { info }: OpenedMap, words: readonly string[], io: Io): OwnedFd {
  const kind = programArrays.has(info.type) ? 'prog' : 'map'
  const { selector, rest } = takeSelector(words, kind, io)
  noMore(rest)
  return openOne(context, kind, selector)
}

function setDescriptor(opened: OpenedMap, key: unknown, source: OwnedFd, mode: SetMode): boolean {
  const { map } = opened
  if (map.kind !== 'descriptors' && map.kind !== 'mapOfMaps') throw cannot('updated', opened)
  return map.set(key, source, mode)
}

function set(opened: OpenedMap, key: unknown, value: unknown, mode: SetMode): boolean {
  const { map } = opened
  if (map.kind === 'keyed') return map.set(key, value, mode)
  if (map.kind === 'storage') return map.set(storageOwner(key), value, mode)
  if (!(map instanceof PerCpuMap)) throw cannot('updated', opened, map.kind === 'queue' ? 'bpf map push adds a value' : undefined)
  // One value is for all CPUs, an array has one for each.
  if (Array.isArray(value)) return map.set(key, value, mode)
  if (mode !== 'any') throw new UsageError(`give a value for each CPU: [${value},…]`)
  map.setAll(key, value)
  return true
}

/** `bpf map delete SELECTOR key KEY` */
export function runMapDelete({ positionals, io }: Invocation): Promise<number> {
  const { selector, rest } = takeSelector(positionals, 'map', io)
  return withKernel(context => {
    let key: unknown
    using opened = openSelectedMap(context, selector, info => {
      key = parseElement(rest, keyShape(info))
      return { key: key instanceof Uint8Array }
    })
    if (!remove(opened, key)) throw new BpfError('ERR_BPF_NO_ENTRY', 'there is nothing at that key')
    return ExitCode.Ok
  })
}

function remove(opened: OpenedMap, key: unknown): boolean {
  const { map } = opened
  if (map.kind === 'storage') return map.delete(storageOwner(key))
  if (map.kind === 'keyed' || map.kind === 'perCpu' || map.kind === 'descriptors' || map.kind === 'mapOfMaps') return map.delete(key)
  throw cannot('deleted from', opened)
}

/** `bpf map freeze SELECTOR` */
export function runMapFreeze({ positionals, io }: Invocation): Promise<number> {
  const { selector, rest } = takeSelector(positionals, 'map', io)
  noMore(rest)
  return withKernel(context => {
    using opened = openSelectedMap(context, selector)
    opened.map.freeze()
    return ExitCode.Ok
  })
}
