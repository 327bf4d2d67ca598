import {
  Errno,
  type MapBatchOptions,
  type MapBatchResult,
  MapType,
  mapLookupAndDeleteBatch,
  mapLookupBatch,
  type OwnedFd,
  type Sys,
} from '@bpf/sys'
import { MapError } from '../errors'
import { operationError } from './elements'
import { RawElements } from './raw-elements'
import type { MapShape } from './shape'

/** Some entries of a map, back to back. The memory is reused for the next ones: copy what is kept. */
export interface Chunk {
  readonly count: number
  readonly keys: Uint8Array
  /** Per-CPU values: all slots of an entry together. */
  readonly values: Uint8Array
}

export interface WalkOptions {
  readonly sys: Sys
  readonly owner: OwnedFd
  readonly shape: MapShape
  /** Bytes; of per-CPU maps, all slots. */
  readonly valueSize: number
  /** Take the entries out of the map. */
  readonly remove: boolean
  /** Which commands the kernel has for this map, found out by trying. */
  readonly support: BatchSupport
}

/** What is known about the batch commands on one map. */
export class BatchSupport {
  readonly #missing = new Set<string>()

  has(command: string): boolean {
    return !this.#missing.has(command)
  }

  /** Whether `errno`, the answer to the first call, says that the kernel lacks the command; then it is not asked again. */
  learn(command: string, errno: number): boolean {
    // EINVAL: kernels before 5.6 know no batches at all.
    const missing = errno === Errno.ENOTSUPP || errno === Errno.EOPNOTSUPP || errno === Errno.EINVAL
    if (missing) this.#missing.add(command)
    return missing
  }
}

/** What a chunk takes; fits into a processor's second cache. Bytes. */
const chunkBytes = 256 * 1024
const mostEntries = 8192

export function entriesPerChunk(keySize: number, valueSize: number, maxEntries: number): number {
  const fitting = Math.floor(chunkBytes / (keySize + valueSize))
  return Math.max(1, Math.min(fitting, mostEntries, maxEntries))
}

/**
 * All entries of a map, in chunks: by batch commands where the kernel has them, one by one where it does not.
 *
 * Batches go bucket by bucket: each entry of a hash map that exists throughout is seen exactly once, whatever is inserted or
 * deleted meanwhile. @throws MapError
 */
export function* walkEntries(options: WalkOptions): Generator<Chunk> {
  const command = options.remove ? 'lookupAndDelete' : 'lookup'
  if (options.support.has(command) && (yield* walkByBatch(options, command))) return
  yield* walkOneByOne(options)
}

const commands = { lookup: mapLookupBatch, lookupAndDelete: mapLookupAndDeleteBatch }
/** Generic batches give up for a moment where entries vanish under them. */
const transient: ReadonlySet<number> = new Set([Errno.EAGAIN, Errno.EINTR])
const patience = 1000

/** Returns false, having done nothing, if the kernel has no such command for this map. */
function* walkByBatch(options: WalkOptions, command: keyof typeof commands): Generator<Chunk, boolean> {
  const { sys, owner, shape, valueSize, support } = options
  let room = allocate(shape, valueSize, entriesPerChunk(shape.keySize, valueSize, shape.maxEntries))
  const position = new Uint8Array(Math.max(4, shape.keySize))
  let begun = false
  let stalled = 0
  for (;;) {
    const { count: wanted, keys, values }: Chunk = room
    const request: MapBatchOptions = {
      fd: owner.fd,
      count: wanted,
      keys,
      values,
      inBatch: begun ? position : undefined,
      outBatch: position,
    }
    const result: MapBatchResult = commands[command](sys, request)
    const { errno } = result
    if (!begun && support.learn(command, errno)) return false
    if (errno === Errno.ENOSPC && wanted < shape.maxEntries) {
      // A bucket is read as a whole or not at all.
      room = allocate(shape, valueSize, Math.min(wanted * 4, shape.maxEntries))
      continue
    }
    if (errno !== 0 && errno !== Errno.ENOENT && !transient.has(errno)) throw batchError(shape, command, result)
    if (result.count > 0) yield { count: result.count, keys, values }
    if (errno === Errno.ENOENT) return true
    stalled = result.count > 0 ? 0 : stalled + 1
    if (stalled > patience) throw batchError(shape, command, result)
    begun ||= result.count > 0 || errno === 0
  }
}

/**
 * Goes by get_next_key, some keys ahead of who reads, so that deleting what was read disturbs nothing. When somebody else
 * deletes the key it stands on, a hash map begins again: keys that were seen are then left out. Entries whose key vanishes
 * before it is read are left out as well.
 */
function* walkOneByOne({ sys, owner, shape, valueSize, remove }: WalkOptions): Generator<Chunk> {
  const raw = new RawElements(sys, owner, { keySize: shape.keySize, valueSize })
  const room = allocate(shape, valueSize, Math.min(entriesPerChunk(shape.keySize, valueSize, shape.maxEntries), 64))
  for (const keys of walkKeys({ sys, owner, shape }, room.count)) {
    let count = 0
    for (let at = 0; at < keys.byteLength; at += shape.keySize) {
      raw.key.set(keys.subarray(at, at + shape.keySize))
      const errno = remove ? takeElement(raw) : raw.lookup()
      if (errno === Errno.ENOENT) continue
      if (errno !== 0) throw operationError(shape, raw, remove ? 'lookupAndDelete' : 'lookup', errno)
      room.keys.set(raw.key, count * shape.keySize)
      room.values.set(raw.value, count * valueSize)
      count++
    }
    if (count > 0) yield { ...room, count }
  }
}

/** In one step where the kernel can (hash maps: 5.14), in two where not. */
export function takeElement(raw: RawElements): number {
  const errno = raw.lookupAndDelete()
  if (errno !== Errno.ENOTSUPP && errno !== Errno.EOPNOTSUPP && errno !== Errno.EINVAL) return errno
  const looked = raw.lookup()
  return looked === 0 ? raw.delete() : looked
}

/** Restarts are walked through again: this often, for a map that is full, before it is too much. */
const rounds = 16

const withoutRestart: ReadonlySet<number> = new Set([MapType.Array, MapType.PercpuArray, MapType.ProgArray, MapType.ArrayOfMaps])

/** All keys, `chunk` at a time, back to back, each at most once. @throws MapError if the map changes too fast to be listed */
export function* walkKeys({ sys, owner, shape }: Pick<WalkOptions, 'sys' | 'owner' | 'shape'>, chunk: number): Generator<Uint8Array> {
  const raw = new RawElements(sys, owner, { keySize: shape.keySize, valueSize: 0 })
  const seen = withoutRestart.has(shape.type) ? undefined : new Set<string>()
  const keys = new Uint8Array(chunk * shape.keySize)
  let count = 0
  let steps = 0
  let errno = raw.first()
  // One key is always held back: whoever deletes those that were handed out does not pull the ground away.
  for (; errno === 0; errno = raw.next()) {
    if (steps++ > rounds * (shape.maxEntries + chunk)) throw restless(shape)
    raw.key.set(raw.nextKey)
    const text = seen && latin1(raw.nextKey)
    if (text !== undefined && seen?.has(text)) continue
    if (text !== undefined) seen?.add(text)
    if (count === chunk) {
      yield keys
      count = 0
    }
    keys.set(raw.nextKey, count++ * shape.keySize)
  }
  if (errno !== Errno.ENOENT) throw operationError(shape, raw, 'next', errno)
  if (count > 0) yield keys.subarray(0, count * shape.keySize)
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

function restless(shape: MapShape): MapError {
  return new MapError('ERR_BPF_MAP_CHANGING', shape.name, 'changes faster than it can be listed', {
    hint: 'the kernel begins again whenever the key that was listed last is deleted',
  })
}

function batchError(shape: MapShape, command: string, result: MapBatchResult): MapError {
  const cause = result.error()
  return new MapError('ERR_BPF_MAP_OPERATION', shape.name, `${command} batch failed: ${cause.errnoName}`, { cause })
}

function allocate(shape: MapShape, valueSize: number, count: number): Chunk {
  return { count, keys: new Uint8Array(count * shape.keySize), values: new Uint8Array(count * valueSize) }
}
