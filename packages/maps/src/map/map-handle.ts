import { type ValueCodec, viewOf } from '../codec/codec'
import { deleteEntries, writeEntries } from './batch-write'
import { BpfMap, type BpfMapOptions } from './bpf-map'
import { BatchSupport, type Chunk, entriesPerChunk, takeElement, walkEntries, walkKeys } from './chunks'
import { Elements } from './elements'
import { RawElements, type RawElementsOptions } from './raw-elements'
import { type SetMode, setFlags } from './set-mode'

export interface MapHandleOptions<K, V> extends BpfMapOptions {
  readonly key: ValueCodec<K>
  /** For per-CPU maps: of all values, see `perCpuCodec`. */
  readonly value: ValueCodec<V>
}

/** Keys and values, with the shape of a JavaScript `Map`: hash maps, arrays, LPM tries and whatever else works like them. */
export class MapHandle<K = unknown, V = unknown> extends BpfMap {
  readonly kind: 'keyed' | 'perCpu' = 'keyed'
  protected readonly elements: Elements<K, V>
  readonly #support = new BatchSupport()

  constructor(options: MapHandleOptions<K, V>) {
    super(options)
    const { context, fd, shape, key, value } = options
    this.elements = new Elements({ sys: context.sys, owner: fd, shape, key, value })
  }

  /**
   * The value at `key`, undefined when there is none. LPM tries: of the longest prefix that contains it. `flags`:
   * `ElemFlag.Lock` takes the value's spin lock. @throws MapError, ClosedError
   */
  get(key: K, flags?: number): V | undefined {
    return this.elements.get(key, flags)
  }

  /** The value's bytes as the kernel holds them, a copy; undefined when there is no entry. @throws MapError, ClosedError */
  bytes(key: K): Uint8Array | undefined {
    return this.elements.has(key) ? this.elements.raw.value.slice() : undefined
  }

  /** @throws MapError, ClosedError */
  has(key: K): boolean {
    return this.elements.has(key)
  }

  /**
   * Writes an entry. False if it was to be created and exists, or was to be replaced and does not. Instead of a mode, `ElemFlag`s
   * may be given. @throws MapError, ClosedError, what a codec throws
   */
  set(key: K, value: V, mode: SetMode | number = 'any'): boolean {
    const { flags, expected } = setFlags(mode)
    return this.elements.set(key, value, flags, expected) === 0
  }

  /** Removes an entry; false when there was none. @throws MapError, ClosedError */
  delete(key: K): boolean {
    return this.elements.delete(key)
  }

  /**
   * Removes an entry and returns its value, undefined when there was none. In one step where the kernel can (hash maps, 5.14);
   * elsewhere what programs write between the two steps is lost. @throws MapError, ClosedError
   */
  lookupAndDelete(key: K): V | undefined {
    this.elements.putKey(key)
    return this.elements.found('lookupAndDelete', takeElement(this.elements.raw)) ? this.elements.readValue() : undefined
  }

  /** As `entries`, keys only. Each key at most once. */
  *keys(): Generator<K> {
    const { sys } = this.context
    const { keySize, maxEntries } = this.shape
    const { key } = this.elements
    for (const keys of walkKeys({ sys, owner: this.owner, shape: this.shape }, Math.min(entriesPerChunk(keySize, 0, maxEntries), 64))) {
      const view = viewOf(keys)
      for (let at = 0; at < keys.byteLength; at += keySize) yield key.decode(view, at)
    }
  }

  /** As `entries`, values only. */
  *values(): Generator<V> {
    for (const [, value] of this.entries()) yield value
  }

  /**
   * The entries, read some thousands at a time where the kernel can (5.6). An entry that exists throughout is seen exactly
   * once, whoever inserts and deletes meanwhile; without batches it may be missed when the map changes fast. The reader may
   * delete and insert as it likes. @throws MapError, ClosedError
   */
  entries(): Generator<[K, V]> {
    return this.#decode(this.batches())
  }

  [Symbol.iterator](): Generator<[K, V]> {
    return this.entries()
  }

  /** The entries as bytes, without making an object for each. @throws MapError, ClosedError */
  batches(): Generator<Chunk> {
    return this.#walk(false)
  }

  /**
   * As `entries`, and takes them out of the map as it goes, some thousands at a time: those that were taken and not read,
   * because the reader stopped early, are lost. @throws MapError, ClosedError
   */
  drain(): Generator<[K, V]> {
    return this.#decode(this.drainBatches())
  }

  /** As `drain`, as bytes. @throws MapError, ClosedError */
  drainBatches(): Generator<Chunk> {
    return this.#walk(true)
  }

  /** Writes many entries in few calls; returns how many. Not atomic. @throws BatchError, ClosedError, what a codec throws */
  setMany(entries: Iterable<readonly [K, V]>, mode: SetMode | number = 'any'): number {
    return writeEntries(this.#batchOptions(), entries, setFlags(mode).flags)
  }

  /** Removes many entries in few calls, passing over keys that are missing; returns how many. @throws BatchError, ClosedError */
  deleteMany(keys: Iterable<K>): number {
    return deleteEntries(this.#batchOptions(), keys)
  }

  /** Removes every entry that is there now. @throws BatchError, ClosedError */
  clear(): void {
    this.deleteMany(this.keys())
  }

  /**
   * Operations on bytes that make no object, on memory of the caller's if given. The sizes are those of the codecs: of per-CPU
   * values, all slots. One user at a time. @throws ClosedError
   */
  raw(memory?: RawElementsOptions): RawElements {
    const { key, value } = this.elements
    return new RawElements(this.context.sys, this.owner, { keySize: key.size, valueSize: value.size }, memory)
  }

  *#decode(chunks: Iterable<Chunk>): Generator<[K, V]> {
    const { key, value } = this.elements
    for (const { count, keys, values } of chunks) {
      const [keyView, valueView] = [viewOf(keys), viewOf(values)]
      for (let i = 0; i < count; i++) yield [key.decode(keyView, i * key.size), value.decode(valueView, i * value.size)]
    }
  }

  #walk(remove: boolean): Generator<Chunk> {
    const { context, owner, shape } = this
    return walkEntries({ sys: context.sys, owner, shape, valueSize: this.elements.value.size, remove, support: this.#support })
  }

  #batchOptions() {
    const { context, owner, shape } = this
    return { context, fd: owner, shape, key: this.elements.key, value: this.elements.value, support: this.#support }
  }
}
