import { addressOf, nextLine, typeOf } from './kallsyms-lines'

/** The code symbols of /proc/kallsyms by address: a sorted array of addresses, and the line each is from. */
export class SymbolTable {
  readonly #addresses: BigUint64Array
  readonly #lines: Uint32Array

  constructor(bytes: Uint8Array) {
    const entries: { address: bigint; line: number }[] = []
    for (let line = 0; line < bytes.byteLength; line = nextLine(bytes, line)) {
      const address = isCode(typeOf(bytes, line)) ? addressOf(bytes, line) : 0n
      if (address !== 0n) entries.push({ address, line })
    }
    entries.sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : a.line - b.line))
    this.#addresses = BigUint64Array.from(entries, entry => entry.address)
    this.#lines = Uint32Array.from(entries, entry => entry.line)
  }

  /** The line of the last symbol at or below `address`, and the distance in bytes. */
  find(address: bigint): { readonly line: number; readonly offset: number } | undefined {
    let [low, high] = [0, this.#addresses.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#addresses[middle] ?? 0n) <= address) low = middle + 1
      else high = middle
    }
    const start = this.#addresses[low - 1]
    const line = this.#lines[low - 1]
    return start === undefined || line === undefined ? undefined : { line, offset: Number(address - start) }
  }
}

const codeTypes: ReadonlySet<number | undefined> = new Set([...'TtWw'].map(letter => letter.charCodeAt(0)))

function isCode(type: number | undefined): boolean {
  return codeTypes.has(type)
}
