import { nearNames } from '@bpf/bytes'
import { isList } from './extent'
import { recordParts } from './parts'
import type { ArrayShape, BytesShape, RecordShape, Shape, TextShape } from './shape'
import { encodeText, writeText } from './text'
import type { ValuePath } from './value-path'
import { bitsWriter, scalarWriter, type Write } from './write-scalar'

/** Writes values of a shape to zeroed bytes. Reports what does not fit through `path`. */
export class Writers {
  readonly littleEndian: boolean
  readonly path: ValuePath
  readonly #records = new Map<RecordShape, Write>()

  constructor(littleEndian: boolean, path: ValuePath) {
    this.littleEndian = littleEndian
    this.path = path
  }

  writer(shape: Shape): Write {
    switch (shape.kind) {
      case 'bits':
        return bitsWriter(shape, this.littleEndian, this.path)
      case 'text':
        return this.#text(shape)
      case 'bytes':
        return this.#bytes(shape)
      case 'array':
        return this.#array(shape)
      case 'record':
        return this.#record(shape)
      default:
        return scalarWriter(shape, this.littleEndian, this.path)
    }
  }

  #text(shape: TextShape): Write {
    return (value, view, at) => {
      if (typeof value !== 'string') {
        if (isList(value) && (shape.flexible || value.length <= shape.length)) this.#copyBytes(value, view, at)
        else this.path.expected(`text or at most ${shape.length} bytes`, value)
        return
      }
      if (writeText(value, view, at, shape.flexible ? view.byteLength - at : shape.length)) return
      this.path.fail(`${JSON.stringify(value)} is ${encodeText(value).length} bytes, but there is room for ${shape.length}`)
    }
  }

  #bytes(shape: BytesShape): Write {
    return (value, view, at) => {
      if (!isList(value) || (!shape.flexible && value.length !== shape.length)) {
        this.path.expected(shape.flexible ? 'bytes' : `${shape.length} bytes`, value)
      }
      this.#copyBytes(value, view, at)
    }
  }

  #copyBytes(value: ArrayLike<unknown>, view: DataView, at: number): void {
    if (value instanceof Uint8Array) {
      new Uint8Array(view.buffer, view.byteOffset + at, value.length).set(value)
      return
    }
    for (let index = 0; index < value.length; index++) {
      const byte = value[index]
      if (typeof byte !== 'number' || !(byte >= 0 && byte <= 255) || !Number.isInteger(byte)) {
        this.path.push(index)
        this.path.expected('a byte', byte)
      }
      view.setUint8(at + index, byte)
    }
  }

  #array(shape: ArrayShape): Write {
    const write = this.writer(shape.element)
    const stride = shape.element.size
    return (value, view, at) => {
      if (!isList(value)) this.path.expected('an array', value)
      if (!shape.flexible && value.length !== shape.length) this.path.fail(`expected ${shape.length} elements, got ${value.length}`)
      for (let index = 0; index < value.length; index++) {
        this.path.push(index)
        write(value[index], view, at + index * stride)
        this.path.pop()
      }
    }
  }

  #record(shape: RecordShape): Write {
    const known = this.#records.get(shape)
    if (known !== undefined) return known
    const part = recordParts(shape, this)
    const write: Write = (value, view, at) => {
      if (typeof value !== 'object' || value === null || isList(value)) this.path.expected(`an object (${shape.title})`, value)
      const used = part.write(value as Readonly<Record<string, unknown>>, view, at)
      const keys = Object.keys(value)
      if (keys.length > used) this.#refuseUnknown(keys, shape)
    }
    this.#records.set(shape, write)
    return write
  }

  #refuseUnknown(keys: readonly string[], shape: RecordShape): void {
    const names = new Set(shape.fields.map(field => field.name))
    const unknown = keys.find(key => !names.has(key))
    if (unknown === undefined) return
    const near = nearNames(unknown, names)
    this.path.push(unknown)
    this.path.fail(`${shape.title} has no such field`, near.length > 0 ? `did you mean ${near.join(', ')}?` : undefined)
  }
}
