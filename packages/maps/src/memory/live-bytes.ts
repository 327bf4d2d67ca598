/**
 * Memory that somebody else reads and writes at the same moment, through a scratch copy. Numbers of 1, 2, 4 and 8 bytes at
 * their natural alignment are read and written in one piece, so nobody sees half of one; what is larger is not.
 */
export class LiveBytes {
  readonly #bytes: Uint8Array
  readonly #scratch: Uint8Array
  readonly #view: DataView
  readonly #wide: { readonly live: BigUint64Array; readonly scratch: BigUint64Array }
  readonly #narrow: Readonly<Record<number, { readonly live: Narrow; readonly scratch: Narrow }>>

  /** `live` is a multiple of 8 bytes long: whole pages. `largest`: bytes of the largest thing to read or write. */
  constructor(live: ArrayBuffer, largest: number) {
    const scratch = new ArrayBuffer(Math.ceil(largest / 8) * 8)
    this.#bytes = new Uint8Array(live)
    this.#scratch = new Uint8Array(scratch)
    this.#view = new DataView(scratch)
    this.#wide = { live: new BigUint64Array(live), scratch: new BigUint64Array(scratch) }
    this.#narrow = {
      1: { live: this.#bytes, scratch: this.#scratch },
      2: { live: new Uint16Array(live), scratch: new Uint16Array(scratch) },
      4: { live: new Uint32Array(live), scratch: new Uint32Array(scratch) },
    }
  }

  /** A copy of the bytes at `[offset, offset + size)`, valid until the next call. */
  read(offset: number, size: number): DataView {
    const narrow = this.#narrow[size]
    if (offset % size !== 0) this.#scratch.set(this.#bytes.subarray(offset, offset + size))
    else if (size === 8) this.#wide.scratch[0] = Atomics.load(this.#wide.live, offset / 8)
    else if (narrow) narrow.scratch[0] = Atomics.load(narrow.live, offset / size)
    else this.#scratch.set(this.#bytes.subarray(offset, offset + size))
    return this.#view
  }

  /** Writes what `fill` puts at the beginning of its view to `[offset, offset + size)`. */
  write(offset: number, size: number, fill: (view: DataView) => void): void {
    fill(this.#view)
    const narrow = this.#narrow[size]
    if (offset % size !== 0) this.#bytes.set(this.#scratch.subarray(0, size), offset)
    else if (size === 8) Atomics.store(this.#wide.live, offset / 8, this.#wide.scratch[0] ?? 0n)
    else if (narrow) Atomics.store(narrow.live, offset / size, narrow.scratch[0] ?? 0)
    else this.#bytes.set(this.#scratch.subarray(0, size), offset)
  }
}

type Narrow = Uint8Array | Uint16Array | Uint32Array
