import { BoundsError, UnsafeIntegerError } from './errors'
import { plainBytes } from './plain-bytes'

export interface CursorOptions {
  /** Byte order of every read. Explicit: a BPF object may be of either. */
  readonly littleEndian: boolean
  /** Named in errors, e.g. `section .BTF`. */
  readonly context: string
}

/**
 * A bounded reader over bytes: every read is checked, moves `offset` forward, and reports its context when it fails.
 *
 * It copies nothing: `bytes()` and `slice()` share memory with the input.
 */
export class Cursor {
  readonly littleEndian: boolean
  readonly context: string
  /** Length of the readable range in bytes. */
  readonly length: number
  /** Position of the next read, in bytes from the start of the range. */
  offset = 0
  readonly #bytes: Uint8Array
  readonly #view: DataView

  constructor(bytes: Uint8Array, options: CursorOptions) {
    this.#bytes = plainBytes(bytes)
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.length = bytes.byteLength
    this.littleEndian = options.littleEndian
    this.context = options.context
  }

  /** Bytes between `offset` and the end. */
  get remaining(): number {
    return this.length - this.offset
  }

  /** Moves to an absolute offset. @throws BoundsError */
  seek(offset: number): this {
    if (!Number.isSafeInteger(offset) || offset < 0 || offset > this.length) throw this.#outOfBounds(offset, 0)
    this.offset = offset
    return this
  }

  /** Moves forward. @throws BoundsError */
  skip(count: number): this {
    this.#take(count)
    return this
  }

  /** @throws BoundsError */
  u8(): number {
    return this.#view.getUint8(this.#take(1))
  }

  /** @throws BoundsError */
  u16(): number {
    return this.#view.getUint16(this.#take(2), this.littleEndian)
  }

  /** @throws BoundsError */
  u32(): number {
    return this.#view.getUint32(this.#take(4), this.littleEndian)
  }

  /** @throws BoundsError */
  i16(): number {
    return this.#view.getInt16(this.#take(2), this.littleEndian)
  }

  /** @throws BoundsError */
  i32(): number {
    return this.#view.getInt32(this.#take(4), this.littleEndian)
  }

  /** A real 64-bit value. @throws BoundsError */
  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8), this.littleEndian)
  }

  /** A 64-bit value that is a size or an offset, as a number. @throws BoundsError, UnsafeIntegerError */
  size64(): number {
    const at = this.#take(8)
    const first = this.#view.getUint32(at, this.littleEndian)
    const second = this.#view.getUint32(at + 4, this.littleEndian)
    const value = this.littleEndian ? second * 2 ** 32 + first : first * 2 ** 32 + second
    if (!Number.isSafeInteger(value)) {
      throw new UnsafeIntegerError({ context: this.context, offset: at, value: this.#view.getBigUint64(at, this.littleEndian) })
    }
    return value
  }

  /** The next `count` bytes, shared with the input. @throws BoundsError */
  bytes(count: number): Uint8Array {
    const at = this.#take(count)
    return this.#bytes.subarray(at, at + count)
  }

  /** A cursor over `[offset, offset + length)` of this range. @throws BoundsError */
  slice(offset: number, length: number, context: string): Cursor {
    if (!fits(offset, length, this.length)) throw this.#outOfBounds(offset, length)
    return new Cursor(this.#bytes.subarray(offset, offset + length), { littleEndian: this.littleEndian, context })
  }

  #take(count: number): number {
    const at = this.offset
    if (!fits(at, count, this.length)) throw this.#outOfBounds(at, count)
    this.offset = at + count
    return at
  }

  #outOfBounds(offset: number, wanted: number): BoundsError {
    return new BoundsError({ context: this.context, offset, wanted, available: this.length })
  }
}

/** Whether `[offset, offset + count)` lies within `length` bytes; safe for any numbers, never wraps. */
export function fits(offset: number, count: number, length: number): boolean {
  return (
    Number.isSafeInteger(offset) && Number.isSafeInteger(count) && offset >= 0 && count >= 0 && offset <= length && count <= length - offset
  )
}
