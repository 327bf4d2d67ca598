import { ByteWriter, decodeCString } from '@bpf/bytes'
import { BtfBuildError } from './build-error'

const utf8 = /* @__PURE__ */ new TextEncoder()

/** A string section under construction: each string is stored once. Offset 0 is the empty string, in split BTF that of the base. */
export class StringTable {
  readonly #offsets = new Map<string, number>([['', 0]])
  readonly #writer = new ByteWriter({ littleEndian: true })
  /** Offset of the first byte of `toBytes()`: 0, or where the strings of the base end. */
  readonly #start: number

  /**
   * @param before String sections of the base BTF, outermost first; the strings in them are reused rather than stored again.
   * @param own A section to go on from: its strings keep their offsets.
   */
  constructor(before: readonly Uint8Array[] = [], own: Uint8Array = new Uint8Array(0)) {
    let start = 0
    for (const section of before) {
      this.#index(section, start)
      start += section.byteLength
    }
    this.#start = start
    this.#index(own, start)
    this.#writer.bytes(own)
    if (start + own.byteLength === 0) this.#writer.u8(0)
  }

  /** The string's offset; stored now if it was not yet. @throws BtfBuildError for a string that contains NUL. */
  add(text: string): number {
    const known = this.#offsets.get(text)
    if (known !== undefined) return known
    if (text.includes('\0')) throw new BtfBuildError(`the name ${JSON.stringify(text)} contains a NUL character`)
    const offset = this.#start + this.#writer.length
    this.#offsets.set(text, offset)
    this.#writer.bytes(utf8.encode(text)).u8(0)
    return offset
  }

  /** The strings stored here, without those of the sections before. */
  toBytes(): Uint8Array<ArrayBuffer> {
    return this.#writer.toBytes()
  }

  #index(section: Uint8Array, start: number): void {
    let at = 0
    while (at < section.byteLength) {
      const nul = section.indexOf(0, at)
      const end = nul === -1 ? section.byteLength : nul
      const text = decodeCString(section.subarray(at, end))
      if (!this.#offsets.has(text)) this.#offsets.set(text, start + at)
      at = end + 1
    }
  }
}
