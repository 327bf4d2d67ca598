import { hashEssential, hashName, isEssentially, startsWith } from './essential-name'
import type { StringSection } from './strings'
import type { TypeIndex } from './type-index'
import type { TypeId } from './types'

const utf8 = /* @__PURE__ */ new TextEncoder()

/** What the names are read from. */
export interface NameSource {
  readonly view: DataView
  readonly littleEndian: boolean
  readonly strings: StringSection
  readonly types: TypeIndex
}

/**
 * Types by name: a hash table with chains, in two typed arrays. The key is the hash of the essential name, so that one
 * table answers both for `task_struct` and for all of its flavours; names themselves are compared as bytes.
 */
export class NameIndex {
  /** Indices of the types in this table, ascending. */
  readonly #members: Uint32Array
  /** Bucket → place in `members` of what was last added to it, plus one. */
  readonly #heads: Uint32Array
  /** Place in `members` → the one before it in its bucket, plus one. */
  readonly #next: Uint32Array
  readonly #source: NameSource

  constructor(members: Uint32Array, source: NameSource) {
    // Kernels have tens of thousands of names: the loop is written for an engine that has not warmed up yet.
    const { view, littleEndian, strings } = source
    const { section, start, end } = strings
    const { offsets } = source.types
    const next = new Uint32Array(members.length)
    const heads = new Uint32Array(2 ** Math.max(4, Math.floor(Math.log2(members.length + 1))))
    const mask = heads.length - 1
    for (let place = 0; place < members.length; place++) {
      const nameOffset = view.getUint32(offsets[members[place] as number] as number, littleEndian)
      // A bad offset is reported when that type is asked for; it must not spoil the look-up of all others.
      if (nameOffset === 0 || nameOffset >= end) continue
      const hash = nameOffset >= start ? hashEssential(section, nameOffset - start) : hashEssential(strings.bytes(nameOffset), 0)
      const bucket = hash & mask
      next[place] = heads[bucket] as number
      heads[bucket] = place + 1
    }
    this.#members = members
    this.#heads = heads
    this.#next = next
    this.#source = source
  }

  /** Indices of the types of that name, ascending. */
  named(name: string): number[] {
    const wanted = utf8.encode(name)
    return this.#collect(hashEssential(wanted, 0), bytes => equals(bytes, wanted))
  }

  /** Indices of the types whose name without its flavour is `essential`, ascending. */
  essentially(essential: string): number[] {
    const wanted = utf8.encode(essential)
    return this.#collect(hashName(wanted), bytes => isEssentially(bytes, wanted))
  }

  #collect(hash: number, matches: (name: Uint8Array) => boolean): number[] {
    const { view, littleEndian, strings, types } = this.#source
    const found: number[] = []
    for (let entry = this.#heads[hash & (this.#heads.length - 1)] ?? 0; entry !== 0; entry = this.#next[entry - 1] ?? 0) {
      const index = this.#members[entry - 1] as number
      if (matches(strings.bytes(view.getUint32(types.offsets[index] as number, littleEndian)))) found.push(index)
    }
    return found.reverse()
  }
}

/** Makes an id of an index. */
export const toIds = (indices: readonly number[], startId: number): TypeId[] => indices.map(index => (startId + index) as TypeId)

function equals(bytes: Uint8Array, wanted: Uint8Array): boolean {
  return bytes.length === wanted.length && startsWith(bytes, wanted)
}
