import { Errno, type MapOperation, MapType } from '@bpf/sys'
import { indexedTypes, type MapShape } from './shape'

/** What a refusal by the kernel means: for an operation of that kind, on maps of these types, or all. */
interface Meaning {
  readonly errno: number
  readonly operation?: MapOperation
  readonly types?: ReadonlySet<number>
  readonly text: string | ((shape: MapShape) => string)
}

const full = (shape: MapShape) => `it is full: its max_entries is ${shape.maxEntries}`
const notOffered = 'the kernel does not offer this for maps of this type'
const sockmaps = new Set<number>([MapType.Sockmap, MapType.Sockhash])

/** The first that applies counts. */
const meanings: readonly Meaning[] = [
  { errno: Errno.E2BIG, operation: 'update', types: indexedTypes, text: shape => `its indexes go from 0 to ${shape.maxEntries - 1}` },
  { errno: Errno.E2BIG, operation: 'update', text: full },
  { errno: Errno.ENOSPC, operation: 'update', text: full },
  {
    errno: Errno.EINVAL,
    operation: 'delete',
    types: new Set([MapType.Array, MapType.PercpuArray]),
    text: 'elements of an array cannot be deleted',
  },
  {
    errno: Errno.EINVAL,
    operation: 'update',
    types: new Set([MapType.ProgArray]),
    text: 'its programs must be alike: of the type of the first one, or of who calls them, and of one kind (sleepable, XDP with fragments)',
  },
  {
    errno: Errno.EINVAL,
    operation: 'update',
    types: new Set([MapType.ArrayOfMaps, MapType.HashOfMaps]),
    text: 'an inner map must be what it was declared with: type, sizes of key and value, flags, and often max_entries',
  },
  {
    errno: Errno.EINVAL,
    operation: 'update',
    types: new Set([MapType.Devmap, MapType.DevmapHash]),
    text: 'there is no interface of that index, or the program is none that a devmap takes (section xdp/devmap)',
  },
  {
    errno: Errno.EINVAL,
    operation: 'update',
    types: new Set([MapType.ReuseportSockarray]),
    text: 'its sockets must be bound with SO_REUSEPORT',
  },
  {
    errno: Errno.EOPNOTSUPP,
    operation: 'update',
    types: sockmaps,
    text: 'it takes TCP sockets that are connected or listen, and UDP and Unix sockets',
  },
  { errno: Errno.ENOTSOCK, operation: 'update', text: 'the descriptor is of no socket' },
  { errno: Errno.EBADF, operation: 'update', text: 'the descriptor is not open, or of another kind than this map holds' },
  { errno: Errno.EPERM, operation: 'update', text: 'it is frozen, or was opened read-only' },
  { errno: Errno.EPERM, operation: 'delete', text: 'it is frozen, or was opened read-only' },
  { errno: Errno.EPERM, operation: 'lookupAndDelete', text: 'it is frozen, or was opened read-only' },
  { errno: Errno.ENOTSUPP, text: notOffered },
  { errno: Errno.EOPNOTSUPP, text: notOffered },
]

/** What to make of it when the kernel refuses an operation on a map's elements, where that is known. */
export function operationHint(shape: MapShape, operation: MapOperation, errno: number): string | undefined {
  const meaning = meanings.find(
    each => each.errno === errno && (each.operation ?? operation) === operation && (each.types?.has(shape.type) ?? true),
  )
  return typeof meaning?.text === 'function' ? meaning.text(shape) : meaning?.text
}
