import { nearNames } from '@bpf/bytes'
import { isSigned, writeBits } from './bits'
import type { BitsShape, EnumShape, IntShape, ScalarShape } from './shape'
import type { ValuePath } from './value-path'

/** Writes a value. The bytes it goes to are zero before. */
export type Write = (value: unknown, view: DataView, at: number) => void

export function scalarWriter(shape: ScalarShape, littleEndian: boolean, path: ValuePath): Write {
  switch (shape.kind) {
    case 'int':
      return intWriter(shape, littleEndian, path)
    case 'enum': {
      const write = intWriter({ ...shape, kind: 'int' }, littleEndian, path)
      const values = enumerators(shape)
      return (value, view, at) => write(typeof value === 'string' ? enumerator(values, value, path) : value, view, at)
    }
    case 'bool':
      return (value, view, at) => {
        if (boolean(value, path)) view.setUint8(littleEndian ? at : at + shape.size - 1, 1)
      }
    case 'char':
      return (value, view, at) => view.setUint8(at, charCode(value, path))
    case 'float':
      return (value, view, at) => {
        if (typeof value !== 'number') path.expected('a number', value)
        if (shape.size === 4) view.setFloat32(at, value, littleEndian)
        else view.setFloat64(at, value, littleEndian)
      }
  }
}

export function bitsWriter(shape: BitsShape, littleEndian: boolean, path: ValuePath): Write {
  const { of, bits } = shape
  const signed = isSigned(shape)
  const values = of.kind === 'enum' ? enumerators(of) : new Map<string, bigint>()
  const integerOf = (value: unknown): bigint => {
    if (of.kind === 'bool') return BigInt(boolean(value, path))
    return bigInteger(of.kind === 'enum' && typeof value === 'string' ? enumerator(values, value, path) : value, path)
  }
  return (value, view, at) => {
    const integer = integerOf(value)
    if (integer !== (signed ? BigInt.asIntN(bits, integer) : BigInt.asUintN(bits, integer))) doesNotFit(integer, bits, signed, path)
    writeBits(view, at, shape, littleEndian, integer)
  }
}

function intWriter(shape: IntShape, littleEndian: boolean, path: ValuePath): Write {
  return shape.size <= 4 ? smallIntWriter(shape, littleEndian, path) : bigIntWriter(shape, littleEndian, path)
}

function smallIntWriter({ size, signed }: IntShape, littleEndian: boolean, path: ValuePath): Write {
  const bits = size * 8
  const least = signed ? -(2 ** (bits - 1)) : 0
  const most = signed ? 2 ** (bits - 1) - 1 : 2 ** bits - 1
  return (value, view, at) => {
    const number = typeof value === 'bigint' ? Number(value) : value
    if (typeof number !== 'number' || !Number.isInteger(number)) path.expected('an integer', value)
    if (number < least || number > most) doesNotFit(number, bits, signed, path)
    if (size === 4) view.setUint32(at, number, littleEndian)
    else if (size === 2) view.setUint16(at, number, littleEndian)
    else view.setUint8(at, number)
  }
}

function bigIntWriter({ size, signed }: IntShape, littleEndian: boolean, path: ValuePath): Write {
  const bits = size * 8
  const least = signed ? -(1n << BigInt(bits - 1)) : 0n
  const most = (1n << BigInt(signed ? bits - 1 : bits)) - 1n
  return (value, view, at) => {
    const integer = typeof value === 'bigint' ? value : bigInteger(value, path)
    if (integer < least || integer > most) doesNotFit(integer, bits, signed, path)
    if (size === 8) {
      view.setBigInt64(at, integer, littleEndian)
    } else {
      view.setBigInt64(littleEndian ? at : at + 8, integer, littleEndian)
      view.setBigInt64(littleEndian ? at + 8 : at, integer >> 64n, littleEndian)
    }
  }
}

function bigInteger(value: unknown, path: ValuePath): bigint {
  if (typeof value === 'bigint') return value
  if (typeof value !== 'number' || !Number.isInteger(value)) return path.expected('an integer', value)
  if (!Number.isSafeInteger(value)) path.fail(`${value} is past 2^53 and may have lost digits`, 'give a bigint')
  return BigInt(value)
}

function doesNotFit(value: number | bigint, bits: number, signed: boolean, path: ValuePath): never {
  if (!signed && value < 0) return path.fail(`${value} is negative, but the type is unsigned`)
  return path.fail(`${value} does not fit in ${bits} ${signed ? 'signed bits' : 'bits'}`)
}

function boolean(value: unknown, path: ValuePath): boolean {
  if (typeof value === 'boolean') return value
  if (value === 0 || value === 1 || value === 0n || value === 1n) return Boolean(value)
  return path.expected('a boolean', value)
}

/** Values by name, as numbers where those are faster. */
function enumerators({ values, size }: EnumShape): ReadonlyMap<string, number | bigint> {
  return new Map(Array.from(values, ([name, value]) => [name, size <= 4 ? Number(value) : value]))
}

function enumerator(values: ReadonlyMap<string, number | bigint>, name: string, path: ValuePath): number | bigint {
  const value = values.get(name)
  if (value !== undefined) return value
  const near = nearNames(name, values.keys())
  return path.fail(`${JSON.stringify(name)} is not an enumerator`, near.length > 0 ? `did you mean ${near.join(', ')}?` : undefined)
}

/** A character up to U+00FF, or its number, which may be that of a signed char. */
function charCode(value: unknown, path: ValuePath): number {
  if (typeof value === 'string' && value.length <= 1) {
    const code = value === '' ? 0 : value.charCodeAt(0)
    if (code <= 0xff) return code
  }
  if (typeof value === 'number' && Number.isInteger(value) && value >= -128 && value <= 255) return value & 0xff
  return path.expected('one character of one byte', value)
}
