import { BtfError } from './errors'
import type { BtfStrings } from './types'

const utf8 = /* @__PURE__ */ new TextDecoder()

/** The string section. Strings of split BTF go on where the base's end, and may also name strings of the base. */
export class StringSection implements BtfStrings {
  readonly start: number
  readonly end: number
  /** The section's bytes; `section[0]` has offset `start`. */
  readonly section: Uint8Array
  readonly #base: BtfStrings | undefined
  readonly #context: string
  readonly #texts = new Map<number, string>()

  /** @throws BtfError if the section does not end with NUL, or without a base does not begin with the empty string. */
  constructor(section: Uint8Array, base: BtfStrings | undefined, context: string) {
    this.section = section
    this.start = base?.end ?? 0
    this.end = this.start + section.length
    this.#base = base
    this.#context = context
    if (section.length > 0 && section[section.length - 1] !== 0) {
      throw new BtfError('string section does not end with NUL', { context })
    }
    if (base === undefined && section[0] !== 0) {
      throw new BtfError('string section does not begin with the empty string', {
        context,
        ...(section.length > 0 && { hint: 'split BTF (of a kernel module) needs its base: pass `base`' }),
      })
    }
  }

  get(offset: number): string {
    if (offset === 0) return ''
    if (this.#base !== undefined && offset < this.start) return this.#base.get(offset)
    let text = this.#texts.get(offset)
    if (text === undefined) {
      text = utf8.decode(this.bytes(offset))
      this.#texts.set(offset, text)
    }
    return text
  }

  bytes(offset: number): Uint8Array {
    if (this.#base !== undefined && offset < this.start) return this.#base.bytes(offset)
    const at = offset - this.start
    if (!(at >= 0 && at < this.section.length)) {
      throw new BtfError(`string offset ${offset} is outside the string section (${this.end} bytes)`, { context: this.#context })
    }
    return this.section.subarray(at, this.section.indexOf(0, at))
  }
}
