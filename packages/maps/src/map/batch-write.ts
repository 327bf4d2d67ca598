import { Errno, type MapBatchResult, mapDeleteBatch, mapUpdateBatch, type SyscallError } from '@bpf/sys'
import { type ValueCodec, viewOf } from '../codec/codec'
import { BatchError, MapError } from '../errors'
import type { BpfMapOptions } from './bpf-map'
import { type BatchSupport, entriesPerChunk } from './chunks'
import { encodeElement } from './encode-element'
import { operationHint } from './operation-hints'
import { RawElements } from './raw-elements'
import type { MapShape } from './shape'

export interface BatchWriteOptions<K, V> extends BpfMapOptions {
  readonly key: ValueCodec<K>
  /** For per-CPU maps: of all values. */
  readonly value: ValueCodec<V>
  readonly support: BatchSupport
}

/**
 * Writes entries, as many in a call as fit; one by one where the kernel has no batches. Returns how many were written.
 *
 * @throws BatchError, which says how many were written before one that failed, or does not fit
 */
export function writeEntries<K, V>(options: BatchWriteOptions<K, V>, entries: Iterable<readonly [K, V]>, flags: number): number {
  const { key, value, shape } = options
  const room = entriesPerChunk(key.size, value.size, shape.maxEntries)
  const keys = new Uint8Array(room * key.size)
  const values = new Uint8Array(room * value.size)
  const [keyView, valueView] = [viewOf(keys), viewOf(values)]
  let done = 0
  let count = 0
  const send = () => {
    done += updateChunk(options, { keys, values, count }, flags, done)
    count = 0
  }
  for (const [k, v] of entries) {
    if (count === room) send()
    try {
      encodeElement(shape.name, 'key', key, k, keyView, count * key.size)
      encodeElement(shape.name, 'value', value, v, valueView, count * value.size)
    } catch (error) {
      if (count > 0) send()
      throw error instanceof MapError ? new BatchError(shape.name, 'update', done, { problem: error.problem, cause: error }) : error
    }
    count++
  }
  if (count > 0) send()
  return done
}

function refused(shape: MapShape, operation: 'update' | 'delete', done: number, cause: SyscallError): BatchError {
  const hint = cause.hint ?? operationHint(shape, operation, cause.errno)
  return new BatchError(shape.name, operation, done, { problem: cause.errnoName, cause, hint })
}

interface Filled {
  readonly keys: Uint8Array
  readonly values: Uint8Array
  readonly count: number
}

/** `before`: entries written in earlier chunks. */
function updateChunk<K, V>(options: BatchWriteOptions<K, V>, chunk: Filled, flags: number, before: number): number {
  const { context, fd, shape, support } = options
  if (support.has('update')) {
    const { count, errno, error }: MapBatchResult = mapUpdateBatch(context.sys, { ...chunk, fd: fd.fd, elemFlags: flags })
    if (errno === 0) return count
    if (!support.learn('update', errno)) throw refused(shape, 'update', before + count, error())
  }
  return oneByOne('update', options, chunk, before, flags)
}

/** Deletes entries; keys that are missing are passed over. Returns how many were deleted. @throws BatchError */
export function deleteEntries<K, V>(options: BatchWriteOptions<K, V>, keysToDelete: Iterable<K>): number {
  const { key, shape } = options
  const room = entriesPerChunk(key.size, 0, shape.maxEntries)
  const keys = new Uint8Array(room * key.size)
  const view = viewOf(keys)
  let done = 0
  let count = 0
  const send = () => {
    done += deleteChunk(options, keys.subarray(0, count * key.size), done)
    count = 0
  }
  for (const k of keysToDelete) {
    if (count === room) send()
    encodeElement(shape.name, 'key', key, k, view, count++ * key.size)
  }
  if (count > 0) send()
  return done
}

function deleteChunk<K, V>(options: BatchWriteOptions<K, V>, keys: Uint8Array, before: number): number {
  const { context, fd, shape, support } = options
  const { keySize } = shape
  let deleted = 0
  let at = 0
  while (at < keys.byteLength && support.has('delete')) {
    const rest = keys.subarray(at)
    const { count, errno, error } = mapDeleteBatch(context.sys, { fd: fd.fd, count: rest.byteLength / keySize, keys: rest })
    if (errno !== 0 && errno !== Errno.ENOENT) {
      if (at === 0 && support.learn('delete', errno)) break
      throw refused(shape, 'delete', before + deleted + count, error())
    }
    deleted += count
    // The kernel stops at a missing key: go on behind it.
    at += (count + (errno === Errno.ENOENT ? 1 : 0)) * keySize
  }
  if (at >= keys.byteLength) return deleted
  const rest = { keys: keys.subarray(at), values: new Uint8Array(), count: (keys.byteLength - at) / keySize }
  return deleted + oneByOne('delete', options, rest, before + deleted)
}

/** Returns how many were done; keys to delete that are missing are passed over. */
function oneByOne<K, V>(
  operation: 'update' | 'delete',
  { context, fd, shape, value }: BatchWriteOptions<K, V>,
  { keys, values, count }: Filled,
  before: number,
  flags?: number,
): number {
  const valueSize = values.byteLength === 0 ? 0 : value.size
  const raw = new RawElements(context.sys, fd, { keySize: shape.keySize, valueSize })
  let done = 0
  for (let i = 0; i < count; i++) {
    raw.key.set(keys.subarray(i * shape.keySize, (i + 1) * shape.keySize))
    raw.value.set(values.subarray(i * valueSize, (i + 1) * valueSize))
    const errno = operation === 'update' ? raw.update(flags) : raw.delete()
    if (errno === 0) done++
    else if (operation === 'update' || errno !== Errno.ENOENT) {
      throw refused(shape, operation, before + done, raw.error(operation, errno))
    }
  }
  return done
}
