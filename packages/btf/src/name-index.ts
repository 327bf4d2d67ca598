import { hashName, isEssentially, startsWith } from './essential-name'
import type { StringSection } from './strings'
import type { NamedTypes } from './type-index'

const utf8 = /* @__PURE__ */ new TextEncoder()

/**
 * Look-ups that go through all names before the table is made. Making it takes as long as a dozen of them, or more in a process
 * that has just begun; and many a process wants a type or two.
 */
const scannedLookups = 8

/**
 * Types by name. The first look-ups go through all names; then a hash table with chains is made, in two typed arrays. A name
 * with the start or the hash of the wanted one is compared as bytes.
 */
export class NameIndex {
  readonly #types: NamedTypes
  readonly #strings: StringSection
  #lookups = 0
  #table: NameTable | undefined

  constructor(types: NamedTypes, strings: StringSection) {
    this.#types = types
    this.#strings = strings
  }

  /** Places of the types of that name, ascending. */
  named(name: string): number[] {
    return this.#collect(utf8.encode(name), equals)
  }

  /** Places of the types whose name without its flavour is `essential`, ascending. */
  essentially(essential: string): number[] {
    return this.#collect(utf8.encode(essential), isEssentially)
  }

  #collect(wanted: Uint8Array, matches: (name: Uint8Array, wanted: Uint8Array) => boolean): number[] {
    const { places, nameOffsets } = this.#types
    const found: number[] = []
    for (const index of this.#candidates(wanted)) {
      const name = this.#strings.bytes(nameOffsets[index] as number)
      if (matches(name, wanted)) found.push(places[index] as number)
    }
    return found
  }

  /** Indices of the types that may have the name, ascending. */
  #candidates(wanted: Uint8Array): number[] {
    const { nameOffsets } = this.#types
    const { section, start } = this.#strings
    const scannable = this.#table === undefined && start === 0 && wanted.length > 1
    if (scannable && this.#lookups++ < scannedLookups) return withSameStart(wanted, nameOffsets, section)
    this.#table ??= makeTable(nameOffsets, this.#strings)
    return withSameHash(wanted, this.#table)
  }
}

/** Indices of the names that have the first two bytes of `wanted`. A bad offset is reported when that type is asked for. */
function withSameStart(wanted: Uint8Array, nameOffsets: Uint32Array, section: Uint8Array): number[] {
  const first = wanted[0]
  const second = wanted[1]
  const { length } = nameOffsets
  const found: number[] = []
  for (let index = 0; index < length; index++) {
    const at = nameOffsets[index] as number
    if (section[at] === first && section[at + 1] === second) found.push(index)
  }
  return found
}

/** The hash is the same for all flavours of a name: one table answers both for `task_struct` and for `task_struct___v2`. */
interface NameTable {
  /** Bucket → index of the name that was last added to it, plus one. */
  readonly heads: Uint32Array
  /** Index of a name → that of the one before it in its bucket, plus one. */
  readonly next: Uint32Array
}

function makeTable(nameOffsets: Uint32Array, strings: StringSection): NameTable {
  const { length } = nameOffsets
  const heads = new Uint32Array(2 ** Math.max(4, Math.floor(Math.log2(length + 1))))
  const table = { heads, next: new Uint32Array(length) }
  for (let from = 0; from < length; from += stepNames) addNames(table, nameOffsets, strings, from, Math.min(from + stepNames, length))
  return table
}

/** Names a step, for the reason that types are indexed in steps. */
const stepNames = 1024

/** Adds the names from one index to another. */
function addNames({ heads, next }: NameTable, nameOffsets: Uint32Array, strings: StringSection, from: number, to: number): void {
  const { section, start, end } = strings
  const mask = heads.length - 1
  for (let index = from; index < to; index++) {
    const offset = nameOffsets[index] as number
    if (offset === 0 || offset >= end) continue
    const hash = offset >= start ? hashName(section, offset - start) : hashName(strings.bytes(offset), 0)
    const bucket = hash & mask
    next[index] = heads[bucket] as number
    heads[bucket] = index + 1
  }
}

/** Indices of the names that have the hash of `wanted`. */
function withSameHash(wanted: Uint8Array, { heads, next }: NameTable): number[] {
  const found: number[] = []
  const bucket = hashName(wanted, 0) & (heads.length - 1)
  for (let entry = heads[bucket] ?? 0; entry !== 0; entry = next[entry - 1] ?? 0) found.push(entry - 1)
  return found.reverse()
}

function equals(bytes: Uint8Array, wanted: Uint8Array): boolean {
  return bytes.length === wanted.length && startsWith(bytes, wanted)
}
