const utf8 = /* @__PURE__ */ new TextEncoder()

/** Collects the names of an ELF file, each once. */
export class StringTableWriter {
  readonly #offsets = new Map<string, number>([['', 0]])
  readonly #strings: Uint8Array[] = [new Uint8Array(1)]
  #length = 1

  /** Where the name is in the table; adds it. */
  offsetOf(name: string): number {
    const known = this.#offsets.get(name)
    if (known !== undefined) return known
    const offset = this.#length
    const bytes = utf8.encode(`${name}\0`)
    this.#offsets.set(name, offset)
    this.#strings.push(bytes)
    this.#length += bytes.length
    return offset
  }

  toBytes(): Uint8Array {
    const table = new Uint8Array(this.#length)
    let at = 0
    for (const bytes of this.#strings) {
      table.set(bytes, at)
      at += bytes.length
    }
    return table
  }
}
