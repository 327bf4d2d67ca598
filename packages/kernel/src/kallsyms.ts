import { addressOf, type KernelSymbol, nameOf, newline, nextLine, parseLine, tab } from './kallsyms-lines'
import { SymbolTable } from './symbol-table'

/** /proc/kallsyms, searched as the bytes it is: 100,000 symbols are not made objects to find one. */
export class Kallsyms {
  readonly #bytes: Uint8Array
  #restricted: boolean | undefined
  #table: SymbolTable | undefined

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** There is nothing to read: no CONFIG_KALLSYMS, or no procfs. */
  get empty(): boolean {
    return this.#bytes.byteLength === 0
  }

  /** The kernel hides addresses from this process: all of them are 0. */
  get restricted(): boolean {
    this.#restricted ??= !this.empty && !this.#hasAddress()
    return this.#restricted
  }

  /** Whether there is such a symbol, whatever its address. */
  has(name: string): boolean {
    return !this.#matches(name).next().done
  }

  /** Every symbol of that name, in order. */
  find(name: string): readonly KernelSymbol[] {
    return [...this.#matches(name)]
  }

  /** The address of a name; `ambiguous` when several symbols bear it at different places. */
  address(name: string): bigint | 'restricted' | 'ambiguous' | undefined {
    const [first, ...others] = this.find(name)
    if (first === undefined) return undefined
    if (first.address === 0n && this.restricted) return 'restricted'
    return others.some(other => other.address !== first.address) ? 'ambiguous' : first.address
  }

  /** The code symbol that an address lies in; undefined below the first, or while the kernel hides addresses. */
  symbolAt(address: bigint): { readonly symbol: KernelSymbol; readonly offset: number } | undefined {
    this.#table ??= new SymbolTable(this.#bytes)
    const found = this.#table.find(address)
    return found && { symbol: parseLine(this.#bytes, found.line), offset: found.offset }
  }

  /** Every symbol, one at a time. */
  *[Symbol.iterator](): Generator<KernelSymbol> {
    for (let line = 0; line < this.#bytes.byteLength; line = nextLine(this.#bytes, line)) yield parseLine(this.#bytes, line)
  }

  /** The name of every symbol, also while addresses are hidden. */
  *names(): Generator<string> {
    for (const { name } of this) yield name
  }

  /** Every symbol whose name passes. */
  *matching(test: (name: string) => boolean): Generator<KernelSymbol> {
    const text = this.#buffer().toString('latin1')
    for (let line = 0; line < text.length; line = text.indexOf('\n', line) + 1 || text.length)
      if (test(nameOf(text, line))) yield parseLine(this.#bytes, line)
  }

  /** Every symbol at any of the addresses: several names may stand for one place. */
  *at(addresses: ReadonlySet<bigint>): Generator<KernelSymbol> {
    const wanted = new Set(Array.from(addresses, address => address.toString(16).padStart(16, '0')))
    const text = this.#buffer().toString('latin1')
    for (let line = 0; line < text.length; line = text.indexOf('\n', line) + 1 || text.length)
      if (wanted.has(text.slice(line, line + 16))) yield parseLine(this.#bytes, line)
  }

  *#matches(name: string): Generator<KernelSymbol> {
    const haystack = this.#buffer()
    const needle = Buffer.from(` ${name}`)
    for (let at = haystack.indexOf(needle); at !== -1; at = haystack.indexOf(needle, at + 1)) {
      const after = haystack[at + needle.length]
      if (after !== newline && after !== tab && after !== undefined) continue
      yield parseLine(this.#bytes, haystack.lastIndexOf(newline, at) + 1)
    }
  }

  #buffer(): Buffer {
    return Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength)
  }

  #hasAddress(): boolean {
    for (let line = 0; line < this.#bytes.byteLength; line = nextLine(this.#bytes, line)) {
      if (addressOf(this.#bytes, line) !== 0n) return true
    }
    return false
  }
}
