import { Errno, type MapOperation, type OwnedFd, type Sys } from '@bpf/sys'
import { type ValueCodec, viewOf } from '../codec/codec'
import { MapError } from '../errors'
import { encodeElement } from './encode-element'
import { operationHint } from './operation-hints'
import { RawElements } from './raw-elements'
import type { MapShape } from './shape'

export interface ElementsOptions<K, V> {
  readonly sys: Sys
  readonly owner: OwnedFd
  readonly shape: MapShape
  readonly key: ValueCodec<K>
  /** For per-CPU maps: of all values. */
  readonly value: ValueCodec<V>
}

/** Element operations on values instead of bytes: what the handles are made of. */
export class Elements<K, V> {
  readonly raw: RawElements
  readonly key: ValueCodec<K>
  readonly value: ValueCodec<V>
  readonly #shape: MapShape
  readonly #keyView: DataView
  readonly #valueView: DataView

  constructor({ sys, owner, shape, key, value }: ElementsOptions<K, V>) {
    this.raw = new RawElements(sys, owner, { keySize: key.size, valueSize: value.size })
    this.key = key
    this.value = value
    this.#shape = shape
    this.#keyView = viewOf(this.raw.key)
    this.#valueView = viewOf(this.raw.value)
  }

  get(key: K, flags?: number): V | undefined {
    this.putKey(key)
    return this.found('lookup', this.raw.lookup(flags)) ? this.readValue() : undefined
  }

  has(key: K): boolean {
    this.putKey(key)
    return this.found('lookup', this.raw.lookup())
  }

  /** 0, or the error number if it is one of `expected`. @throws MapError */
  set(key: K, value: V, flags: number, ...expected: readonly number[]): number {
    this.putKey(key)
    this.putValue(value)
    const errno = this.raw.update(flags)
    if (errno !== 0 && !expected.includes(errno)) throw this.failure('update', errno)
    return errno
  }

  delete(key: K): boolean {
    this.putKey(key)
    return this.found('delete', this.raw.delete())
  }

  putKey(key: K): void {
    encodeElement(this.#shape.name, 'key', this.key, key, this.#keyView)
  }

  putValue(value: V): void {
    encodeElement(this.#shape.name, 'value', this.value, value, this.#valueView)
  }

  readValue(): V {
    return this.value.decode(this.#valueView, 0)
  }

  /** False for a missing key. @throws MapError */
  found(operation: MapOperation, errno: number): boolean {
    if (errno === 0) return true
    if (errno === Errno.ENOENT) return false
    throw this.failure(operation, errno)
  }

  failure(operation: MapOperation, errno: number): MapError {
    return operationError(this.#shape, this.raw, operation, errno)
  }
}

/** The exception for what an operation on `raw` returned. */
export function operationError(shape: MapShape, raw: RawElements, operation: MapOperation, errno: number): MapError {
  const cause = raw.error(operation, errno)
  const hint = cause.hint ?? operationHint(shape, operation, errno)
  return new MapError('ERR_BPF_MAP_OPERATION', shape.name, `${operation} failed: ${cause.errnoName}`, { cause, hint })
}
