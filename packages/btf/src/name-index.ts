import { hashName, isEssentially, startsWith } from './essential-name'
import type { StringSection } from './strings'
import type { NamedTypes } from './type-index'
import type { TypeId } from './types'

const utf8 = /* @__PURE__ */ new TextEncoder()

/**
 * Types by name: a hash table with chains, in two typed arrays. The hash is the same for all flavours of a name, so that one
 * table answers both for `task_struct` and for `task_struct___v2`; names themselves are compared as bytes.
 */
export class NameIndex {
  readonly #types: NamedTypes
  readonly #strings: StringSection
  /** Bucket → place in `types` of what was last added to it, plus one. */
  readonly #heads: Uint32Array
  /** Place in `types` → the one before it in its bucket, plus one. */
  readonly #next: Uint32Array

  constructor(types: NamedTypes, strings: StringSection) {
    const { length } = types.members
    this.#types = types
    this.#strings = strings
    this.#heads = new Uint32Array(2 ** Math.max(4, Math.floor(Math.log2(length + 1))))
    this.#next = new Uint32Array(length)
    for (let from = 0; from < length; from += stepNames) this.#add(from, Math.min(from + stepNames, length))
  }

  /** Type indices of that name, ascending. */
  named(name: string): number[] {
    return this.#collect(utf8.encode(name), equals)
  }

  /** Type indices of the types whose name without its flavour is `essential`, ascending. */
  essentially(essential: string): number[] {
    return this.#collect(utf8.encode(essential), isEssentially)
  }

  /** Adds the types at these places. */
  #add(from: number, to: number): void {
    const { nameOffsets } = this.#types
    const { section, start, end } = this.#strings
    const heads = this.#heads
    const next = this.#next
    const mask = heads.length - 1
    for (let place = from; place < to; place++) {
      const offset = nameOffsets[place] as number
      // A bad offset is reported when that type is asked for; it must not spoil the look-up of all others.
      if (offset === 0 || offset >= end) continue
      const hash = offset >= start ? hashName(section, offset - start) : hashName(this.#strings.bytes(offset), 0)
      const bucket = hash & mask
      next[place] = heads[bucket] as number
      heads[bucket] = place + 1
    }
  }

  #collect(wanted: Uint8Array, matches: (name: Uint8Array, wanted: Uint8Array) => boolean): number[] {
    const { members, nameOffsets } = this.#types
    const found: number[] = []
    const bucket = hashName(wanted, 0) & (this.#heads.length - 1)
    for (let entry = this.#heads[bucket] ?? 0; entry !== 0; entry = this.#next[entry - 1] ?? 0) {
      const name = this.#strings.bytes(nameOffsets[entry - 1] as number)
      if (matches(name, wanted)) found.push(members[entry - 1] as number)
    }
    return found.reverse()
  }
}

/** Names a step, for the reason that types are indexed in steps. */
const stepNames = 1024

/** Makes an id of an index. */
export const toIds = (indices: readonly number[], startId: number): TypeId[] => indices.map(index => (startId + index) as TypeId)

function equals(bytes: Uint8Array, wanted: Uint8Array): boolean {
  return bytes.length === wanted.length && startsWith(bytes, wanted)
}
