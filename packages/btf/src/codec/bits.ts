import { readWide } from './read'
import type { BitsShape } from './shape'

/** How far a bitfield's lowest bit is from the lowest bit of the `size` bytes it touches, read as one integer. */
export function shiftOf({ bit, bits, size }: BitsShape, littleEndian: boolean): number {
  return littleEndian ? bit : size * 8 - bit - bits
}

/** The bits of a bitfield as an integer with its sign. */
export function readBits(view: DataView, at: number, shape: BitsShape, littleEndian: boolean): bigint {
  const value = readWide(view, at, shape.size, littleEndian) >> BigInt(shiftOf(shape, littleEndian))
  return isSigned(shape) ? BigInt.asIntN(shape.bits, value) : BigInt.asUintN(shape.bits, value)
}

/** Puts the low bits of `value` into the bitfield and leaves the bits around it. */
export function writeBits(view: DataView, at: number, shape: BitsShape, littleEndian: boolean, value: bigint): void {
  const { size, bits } = shape
  const shift = BigInt(shiftOf(shape, littleEndian))
  const mask = ((1n << BigInt(bits)) - 1n) << shift
  let whole = (readWide(view, at, size, littleEndian) & ~mask) | ((value << shift) & mask)
  for (let i = 0; i < size; i++) {
    view.setUint8(littleEndian ? at + i : at + size - 1 - i, Number(whole & 0xffn))
    whole >>= 8n
  }
}

export const isSigned = ({ of }: BitsShape): boolean => of.kind !== 'bool' && of.signed
