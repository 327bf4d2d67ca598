import { BoundsError, fits } from '@bpf/bytes'
import type { Btf, TypeId } from '../types'
import { EncodeError } from './codec-error'
import { canGenerateCode, compileReader } from './compile'
import { extentOf } from './extent'
import { interpretReader } from './interpret'
import type { Shape } from './shape'
import { type ShapeOptions, shapeOf } from './shape-of'
import { ValuePath } from './value-path'
import { Writers } from './write'

/** What values of C types are in JavaScript. */
export type Value = number | bigint | boolean | string | Uint8Array | readonly Value[] | { readonly [name: string]: Value }

/** Turns the bytes of one C type into a JavaScript value and back. */
export interface Codec<T = Value> {
  /** Bytes of a value, without what a flexible array at its end adds. */
  readonly size: number
  /**
   * @param offset in bytes from the start of the view; 0 if not given
   * @param length bytes of the whole value, for types that end in a flexible array; without it that array is empty
   * @throws BoundsError if the view is too short
   */
  decode(view: DataView, offset?: number, length?: number): T
  /**
   * Writes a value, padding and fields that are not given as zeros.
   *
   * @returns bytes written
   * @throws EncodeError if the value does not fit the type (the bytes are then unspecified) or the view is too short
   */
  encode(value: T, view: DataView, offset?: number): number
  /** Bytes that a value takes when encoded: `size`, or more for types that end in a flexible array. */
  sizeOf(value: T): number
}

export interface CodecOptions extends ShapeOptions {
  /** How decoding is done. `auto` generates code where that is allowed. */
  readonly mode?: 'auto' | 'compiled' | 'interpreted'
  /** What errors call the value: `value` if not given. */
  readonly name?: string
}

/**
 * A codec for a type: scalars, structs, unions, arrays, or the variables of a data section.
 *
 * | C | JavaScript |
 * | --- | --- |
 * | integers to 32 bits | number |
 * | 64 and 128 bits, pointers | bigint |
 * | `_Bool` | boolean |
 * | enum | name, or number where the value has none |
 * | `char`, `char[n]` | string |
 * | `unsigned char[n]` | Uint8Array |
 * | struct, union | plain object; anonymous members count as the parent's, a union has all its members |
 *
 * @throws CodecError if no value can be of that type, BtfError if the BTF is malformed
 */
export function createCodec<T = Value>(btf: Btf, id: TypeId, options: CodecOptions = {}): Codec<T> {
  const shape = shapeOf(btf, id, options)
  const { littleEndian } = btf
  const { size } = shape
  const { mode = 'auto', name = 'value' } = options
  const generate = mode === 'compiled' || (mode === 'auto' && canGenerateCode())
  const read = generate ? compileReader(shape, littleEndian) : interpretReader(shape, littleEndian)
  const encode = encoder(shape, littleEndian, name)
  return {
    size,
    decode(view, offset = 0, length) {
      const wanted = length ?? size
      if (wanted < size || !fits(offset, wanted, view.byteLength)) {
        throw new BoundsError({ context: name, offset, wanted: Math.max(size, wanted), available: view.byteLength })
      }
      return read(view, offset, length === undefined ? -1 : offset + length) as T
    },
    encode,
    sizeOf: value => extentOf(shape, value),
  }
}

function encoder(shape: Shape, littleEndian: boolean, name: string): (value: unknown, view: DataView, offset?: number) => number {
  const path = new ValuePath(name)
  const write = new Writers(littleEndian, path).writer(shape)
  return (value, view, offset = 0) => {
    const size = extentOf(shape, value)
    if (!fits(offset, size, view.byteLength)) {
      throw new EncodeError(name, `needs ${size} bytes at offset ${offset}, but the view has ${view.byteLength}`)
    }
    clear(view, offset, size)
    path.reset()
    write(value, view, offset)
    return size
  }
}

function clear(view: DataView, offset: number, size: number): void {
  if (size > 128) new Uint8Array(view.buffer, view.byteOffset + offset, size).fill(0)
  else for (let at = offset; at < offset + size; at++) view.setUint8(at, 0)
}
