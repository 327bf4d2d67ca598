import { nearNames, snakeCase } from '@bpf/bytes'
import { checkPinPath, pinObject } from '@bpf/maps'
import { interfaceIndex, MapFlag, MapType, mapCreate } from '@bpf/sys'
import { ExitCode, type Io, UsageError } from '@bpf/terminal'
import { withKernel } from '../context'
import { openOne, takeSelector } from '../selector'
import { takePairs } from '../words'

interface CreateOptions {
  readonly type: string | undefined
  readonly key: string | undefined
  readonly value: string | undefined
  readonly entries: string | undefined
  readonly name: string | undefined
  readonly flags: string | undefined
  readonly inner: string | undefined
  readonly 'offload-dev': string | undefined
}

interface Invocation {
  readonly positionals: readonly string[]
  readonly options: CreateOptions
  readonly io: Io
}

/** `bpf map create PATH --type TYPE …`: a map that lives by its pin. */
export function runMapCreate({ positionals, options: given, io }: Invocation): Promise<number> {
  const [path, ...words] = positionals
  if (path === undefined)
    throw new UsageError('where is it to be pinned?', 'bpf map create /sys/fs/bpf/counts --type hash --key 4 --value 8 --entries 128')
  const options = { ...given, ...bpftoolWords(words) }
  const innerMap = options.inner === undefined ? undefined : takeSelector(options.inner.split(' '), 'map', io).selector
  const device = options['offload-dev']
  const shape = {
    type: typeNumber(options.type),
    keySize: size('key', options.key),
    valueSize: size('value', options.value),
    maxEntries: size('entries', options.entries),
    flags: flagBits(options.flags),
    name: options.name,
  }
  const pin = io.resolvePath(path)
  return withKernel(context => {
    checkPinPath(pin)
    using inner = innerMap && openOne(context, 'map', innerMap)
    using map = mapCreate(context.sys, {
      ...shape,
      ...(device !== undefined && { ifindex: interfaceIndex(context.sys, device) }),
      innerMapFd: inner?.fd,
    })
    pinObject(context.sys, map.fd, pin)
    return ExitCode.Ok
  })
}

/** What bpftool has behind the path: `type hash key 4 value 8 entries 128 name counts flags 1 inner_map id 7`. */
function bpftoolWords(words: readonly string[]): Partial<CreateOptions> {
  const found: { -readonly [K in keyof CreateOptions]?: string } = {}
  const option = (name: keyof CreateOptions) => (value: string) => (found[name] = value)
  const at = words.indexOf('inner_map')
  if (at !== -1) found.inner = words.slice(at + 1, at + 3).join(' ')
  takePairs(at === -1 ? words : words.toSpliced(at, 3), {
    type: option('type'),
    key: option('key'),
    value: option('value'),
    entries: option('entries'),
    name: option('name'),
    flags: option('flags'),
    dev: option('offload-dev'),
    offload_dev: option('offload-dev'),
  })
  return found
}

function typeNumber(name: string | undefined): number {
  const types = new Map(Object.entries(MapType).map(([key, number]) => [snakeCase(key), number]))
  if (name === undefined) throw new UsageError('--type is needed', `one of ${[...types.keys()].join(', ')}`)
  const number = types.get(name)
  if (number !== undefined) return number
  const near = nearNames(name, types.keys())
  throw new UsageError(`--type ${name}: there is no such type of map`, near.length > 0 ? `did you mean ${near.join(' or ')}?` : undefined)
}

/** Bytes or entries; 0 where the type has none. */
function size(option: string, text: string | undefined): number {
  const number = Number(text ?? 0)
  if (!Number.isInteger(number) || number < 0 || number > 0xffff_ffff) throw new UsageError(`--${option} ${text}: not a number`)
  return number
}

/** `no_prealloc,mmapable`, or a number. */
function flagBits(text: string | undefined): number {
  if (text === undefined) return 0
  const known = new Map(Object.entries(MapFlag).map(([name, bit]) => [snakeCase(name), bit]))
  return text.split(',').reduce((bits, word) => {
    const bit = known.get(word) ?? Number(word)
    if (!Number.isInteger(bit))
      throw new UsageError(`--flags ${word}: there is no such flag`, `numbers, and ${[...known.keys()].join(', ')}`)
    return bits | bit
  }, 0)
}
