import { nearNames, snakeCase } from '@bpf/bytes'
import { checkPinPath, pinObject } from '@bpf/maps'
import { MapFlag, MapType, mapCreate } from '@bpf/sys'
import { ExitCode, type Io, UsageError } from '@bpf/terminal'
import { withKernel } from '../context'
import { openOne, takeSelector } from '../selector'

interface Invocation {
  readonly positionals: readonly string[]
  readonly options: {
    readonly type: string | undefined
    readonly key: string | undefined
    readonly value: string | undefined
    readonly entries: string | undefined
    readonly name: string | undefined
    readonly flags: string | undefined
    readonly inner: string | undefined
  }
  readonly io: Io
}

/** `bpf map create PATH --type TYPE …`: a map that lives by its pin. */
export function runMapCreate({ positionals, options, io }: Invocation): Promise<number> {
  const [path] = positionals
  if (path === undefined)
    throw new UsageError('where is it to be pinned?', 'bpf map create /sys/fs/bpf/counts --type hash --key 4 --value 8 --entries 128')
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
    using inner = options.inner === undefined ? undefined : openOne(context, 'map', takeSelector([options.inner], 'map', io).selector)
    using map = mapCreate(context.sys, { ...shape, innerMapFd: inner?.fd })
    pinObject(context.sys, map.fd, pin)
    return ExitCode.Ok
  })
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
