import { ElfError } from './errors'

const utf8 = /* @__PURE__ */ new TextDecoder('utf-8', { ignoreBOM: true })

/** Longer than almost any name; those of C++ templates can be. */
const longName = 1024
/** Safely below the length of the longest string of any engine. */
const maxTextLength = 2 ** 28
/** How often each byte of a table may be part of a long name. */
const maxOverlap = 16

/**
 * A string table, decoded as a whole on first use.
 *
 * Names are slices of one decoded string, which share its memory, and where they end is looked up in one list of all NULs.
 * Names may overlap (linkers share tails); so that a million that overlap cannot make whoever reads them slow, the
 * sum of long ones is limited by the size of the table.
 */
export class StringTable {
  readonly #bytes: Uint8Array
  readonly #section: string
  readonly #fileOffset: number
  #decoded: { readonly text: string | undefined; readonly ends: Uint32Array } | undefined
  /** Bytes of long names that may still be handed out. */
  #budget: number

  /** `fileOffset` is where `bytes` begin in the file, for errors. */
  constructor(bytes: Uint8Array, section: string, fileOffset: number) {
    this.#bytes = bytes
    this.#section = section
    this.#fileOffset = fileOffset
    this.#budget = maxOverlap * bytes.length
  }

  /** The string that begins at `offset`; malformed UTF-8 becomes U+FFFD. @throws ElfError */
  get(offset: number): string {
    this.#decoded ??= { text: sameOffsets(this.#bytes), ends: nulOffsets(this.#bytes) }
    const { text, ends } = this.#decoded
    const end = this.#endOf(offset, ends)
    if (end - offset > longName) this.#budget -= end - offset
    if (this.#budget < 0) throw this.#error(offset, `long names of ${this.#section} overlap beyond reason`)
    return text?.slice(offset, end) ?? utf8.decode(this.#bytes.subarray(offset, end))
  }

  /** Whether the string at `offset` begins with `wanted` and goes on with one of the bytes `next`; decodes nothing. */
  starts(offset: number, wanted: Uint8Array, next: readonly number[]): boolean {
    for (let i = 0; i < wanted.length; i++) if (this.#bytes[offset + i] !== wanted[i]) return false
    return next.includes(this.#bytes[offset + wanted.length] ?? -1)
  }

  #endOf(offset: number, ends: Uint32Array): number {
    if (offset >= this.#bytes.length && !(offset === 0 && this.#bytes.length === 0)) {
      throw this.#error(offset, `name at 0x${offset.toString(16)} is past the end of ${this.#section} (${this.#bytes.length} bytes)`)
    }
    if (this.#bytes.length === 0) return 0
    const end = ends[firstAtLeast(ends, offset)]
    if (end === undefined) throw this.#error(offset, `name at 0x${offset.toString(16)} of ${this.#section} has no terminating NUL`)
    return end
  }

  #error(offset: number, message: string): ElfError {
    return new ElfError('ERR_BPF_ELF_STRING', message, { section: this.#section, offset: this.#fileOffset + offset })
  }
}

/** The bytes as text, if every byte is one UTF-16 unit in it; otherwise undefined. */
function sameOffsets(bytes: Uint8Array): string | undefined {
  if (bytes.length > maxTextLength) return undefined
  const text = utf8.decode(bytes)
  return text.length === bytes.length ? text : undefined
}

function nulOffsets(bytes: Uint8Array): Uint32Array {
  let count = 0
  for (let i = 0; i < bytes.length; i++) if (bytes[i] === 0) count++
  const offsets = new Uint32Array(count)
  for (let i = 0, found = 0; i < bytes.length; i++) if (bytes[i] === 0) offsets[found++] = i
  return offsets
}

/** Index of the first element that is at least `wanted`; the length if there is none. */
function firstAtLeast(sorted: Uint32Array, wanted: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? 0) < wanted) low = middle + 1
    else high = middle
  }
  return low
}
