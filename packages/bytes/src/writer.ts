/** Grows as it is written to; byte order is explicit. The counterpart of `Cursor`. */
export class ByteWriter {
  readonly littleEndian: boolean
  #bytes: Uint8Array<ArrayBuffer>
  #view: DataView
  #length = 0

  constructor(options: { readonly littleEndian: boolean; readonly capacity?: number }) {
    this.littleEndian = options.littleEndian
    this.#bytes = new Uint8Array(options.capacity ?? 256)
    this.#view = new DataView(this.#bytes.buffer)
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length
  }

  u8(value: number): this {
    const at = this.#grow(1)
    this.#view.setUint8(at, value)
    return this
  }

  u16(value: number): this {
    const at = this.#grow(2)
    this.#view.setUint16(at, value, this.littleEndian)
    return this
  }

  u32(value: number): this {
    const at = this.#grow(4)
    this.#view.setUint32(at, value, this.littleEndian)
    return this
  }

  i32(value: number): this {
    const at = this.#grow(4)
    this.#view.setInt32(at, value, this.littleEndian)
    return this
  }

  u64(value: bigint): this {
    const at = this.#grow(8)
    this.#view.setBigUint64(at, value, this.littleEndian)
    return this
  }

  bytes(value: Uint8Array): this {
    const at = this.#grow(value.byteLength)
    this.#bytes.set(value, at)
    return this
  }

  /** Writes zeros up to the next multiple of `alignment`. */
  align(alignment: number): this {
    const rest = this.#length % alignment
    if (rest !== 0) this.#grow(alignment - rest)
    return this
  }

  /** Overwrites four bytes written earlier, e.g. a length known only now. */
  patchU32(offset: number, value: number): this {
    if (offset < 0 || offset + 4 > this.#length) throw new RangeError(`patch at ${offset} is outside the ${this.#length} bytes written`)
    this.#view.setUint32(offset, value, this.littleEndian)
    return this
  }

  /** A copy of what was written. */
  toBytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length)
  }

  #grow(count: number): number {
    const at = this.#length
    const needed = at + count
    if (needed > this.#bytes.byteLength) {
      const larger = new Uint8Array(Math.max(needed, this.#bytes.byteLength * 2))
      larger.set(this.#bytes)
      this.#bytes = larger
      this.#view = new DataView(larger.buffer)
    }
    this.#length = needed
    return at
  }
}
