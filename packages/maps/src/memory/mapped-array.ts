import type { ValueCodec } from '../codec/codec'
import { MapError } from '../errors'
import type { MapShape } from '../map/shape'
import { type ArrayMemory, type ArrayMemoryOptions, mapArrayMemory, strideOf } from './array-memory'

/**
 * The values of an array map in the map's own memory (BPF_F_MMAPABLE): reading and writing make no system call. Close it before
 * the map. While it is open for writing the map cannot be frozen.
 */
export class MappedArray<V = unknown> implements Disposable {
  readonly #memory: ArrayMemory
  readonly #codec: ValueCodec<V>
  readonly #shape: MapShape

  /** @throws MapError if the map cannot be mapped, SyscallError */
  constructor(options: ArrayMemoryOptions, codec: ValueCodec<V>) {
    this.#memory = mapArrayMemory(options)
    this.#codec = codec
    this.#shape = options.shape
  }

  get length(): number {
    return this.#shape.maxEntries
  }

  /** False for frozen maps and those that programs may only read. */
  get writable(): boolean {
    return this.#memory.writable
  }

  /** @throws MapError out of range, ClosedError */
  get(index: number): V {
    return this.#codec.decode(this.#memory.read(this.#offset(index), this.#codec.size), 0)
  }

  /**
   * Programs see numbers of up to 8 bytes change at once, and larger values piece by piece. @throws MapError out of range or
   * read-only, ClosedError, what the codec throws
   */
  set(index: number, value: V): void {
    this.#memory.write(this.#offset(index), this.#codec.size, view => void this.#codec.encode(value, view, 0))
  }

  *[Symbol.iterator](): Generator<V> {
    for (let index = 0; index < this.length; index++) yield this.get(index)
  }

  /** Idempotent. */
  close(): void {
    this.#memory.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #offset(index: number): number {
    if (Number.isInteger(index) && index >= 0 && index < this.length) return index * strideOf(this.#shape)
    throw new MapError('ERR_BPF_RANGE', this.#shape.name, `has no index ${index}: they go from 0 to ${this.length - 1}`)
  }
}
