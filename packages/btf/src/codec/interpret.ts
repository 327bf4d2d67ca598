import { copyBytes } from '@bpf/bytes'
import { readBits } from './bits'
import { read128, readChar, readI64, readText, readU64 } from './read'
import type { ArrayShape, EnumShape, Field, IntShape, RecordShape, ScalarShape, Shape } from './shape'

/**
 * Reads a value.
 *
 * @param end where the whole value ends, for the flexible array in it; anything before `at` if it has none.
 */
export type Read = (view: DataView, at: number, end: number) => unknown

/** A reader made of closures: slower than `compileReader`, but needs no code generation. */
export function interpretReader(shape: Shape, littleEndian: boolean): Read {
  return new Interpreter(littleEndian).reader(shape)
}

class Interpreter {
  readonly #littleEndian: boolean
  readonly #records = new Map<RecordShape, Read>()

  constructor(littleEndian: boolean) {
    this.#littleEndian = littleEndian
  }

  reader(shape: Shape): Read {
    const le = this.#littleEndian
    switch (shape.kind) {
      case 'bits':
        return this.#bits(shape)
      case 'text':
        return (view, at, end) => readText(view, at, lengthOf(shape, 1, at, end))
      case 'bytes':
        return (view, at, end) => copyBytes(view, at, lengthOf(shape, 1, at, end))
      case 'array':
        return this.#array(shape)
      case 'record':
        return this.#record(shape)
      default:
        return scalarReader(shape, le)
    }
  }

  #bits(shape: Extract<Shape, { kind: 'bits' }>): Read {
    const le = this.#littleEndian
    const { of } = shape
    if (of.kind === 'bool') return (view, at) => readBits(view, at, shape, le) !== 0n
    const inForm = of.form === 'number' ? Number : (value: bigint): bigint => value
    if (of.kind === 'int') return (view, at) => inForm(readBits(view, at, shape, le))
    return (view, at) => nameOrValue(of, inForm(readBits(view, at, shape, le)))
  }

  #array(shape: ArrayShape): Read {
    const read = this.reader(shape.element)
    const stride = shape.element.size
    return (view, at, end) => {
      const values: unknown[] = []
      const length = lengthOf(shape, stride, at, end)
      for (let i = 0; i < length; i++) values.push(read(view, at + i * stride, -1))
      return values
    }
  }

  #record(shape: RecordShape): Read {
    const known = this.#records.get(shape)
    if (known !== undefined) return known
    const fields = shape.fields.map(({ name, offset, shape: inner }: Field) => ({ name, offset, read: this.reader(inner) }))
    const read: Read = (view, at, end) => {
      const value: Record<string, unknown> = {}
      for (const field of fields) define(value, field.name, field.read(view, at + field.offset, end))
      return value
    }
    this.#records.set(shape, read)
    return read
  }
}

/** Elements of an array: as declared, or as many as fit before `end`. */
function lengthOf(shape: { readonly flexible: boolean; readonly length: number }, stride: number, at: number, end: number): number {
  if (!shape.flexible) return shape.length
  return end > at ? Math.floor((end - at) / stride) : 0
}

function scalarReader(shape: ScalarShape, le: boolean): Read {
  switch (shape.kind) {
    case 'int':
      return intReader(shape, le)
    case 'bool': {
      const read = intReader({ kind: 'int', size: shape.size, signed: false, form: 'number' }, le)
      return (view, at) => read(view, at, -1) !== 0
    }
    case 'enum': {
      const read = intReader({ ...shape, kind: 'int' }, le)
      return (view, at) => nameOrValue(shape, read(view, at, -1) as number | bigint)
    }
    case 'char':
      return readChar
    case 'float':
      return shape.size === 4 ? (view, at) => view.getFloat32(at, le) : (view, at) => view.getFloat64(at, le)
  }
}

function intReader({ size, signed, form }: IntShape, le: boolean): Read {
  switch (size) {
    case 1:
      return signed ? (view, at) => view.getInt8(at) : (view, at) => view.getUint8(at)
    case 2:
      return signed ? (view, at) => view.getInt16(at, le) : (view, at) => view.getUint16(at, le)
    case 4:
      if (form === 'bigint') return signed ? (view, at) => BigInt(view.getInt32(at, le)) : (view, at) => BigInt(view.getUint32(at, le))
      return signed ? (view, at) => view.getInt32(at, le) : (view, at) => view.getUint32(at, le)
    case 8:
      if (form === 'number') return signed ? (view, at) => readI64(view, at, le) : (view, at) => readU64(view, at, le)
      return signed ? (view, at) => view.getBigInt64(at, le) : (view, at) => view.getBigUint64(at, le)
    case 16:
      return (view, at) => read128(view, at, le, signed)
  }
}

const nameOrValue = (shape: EnumShape, value: number | bigint): string | number | bigint => shape.names.get(value) ?? value

/** Sets an own property, also where assignment would do something else. */
function define(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true })
  else target[name] = value
}
