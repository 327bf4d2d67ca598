import type { ArrayType, Btf, BtfType, CompositeType, DatasecType, EnumType, IntType, Member, TypeId } from '../types'
import { CodecError } from './codec-error'
import {
  type ArrayShape,
  type BoolShape,
  type EnumShape,
  type Field,
  type IntShape,
  type IntSize,
  isFlexible,
  type NumberForm,
  type RecordShape,
  type Shape,
} from './shape'

export interface ShapeOptions {
  /** What 64-bit integers become; numbers lose precision past 2^53. Pointers and 128-bit integers are always bigint. */
  readonly int64?: NumberForm
  /** What `char` and `char` arrays become: text, or numbers and `Uint8Array`. */
  readonly chars?: 'text' | 'bytes'
}

/** Deeper nesting than any C program has; keeps reading and writing within the stack. */
const maxDepth = 64
/** Named fields, those of anonymous members counted again in each struct around them. The largest real structs have thousands. */
const maxFields = 200_000

/**
 * The shape of a type's values.
 *
 * @throws CodecError if no value can be of that type, BtfError if the BTF is malformed.
 */
export function shapeOf(btf: Btf, id: TypeId, options: ShapeOptions = {}): Shape {
  const shape = new ShapeReader(btf, options).shape(id, true, 0)
  checkWeight(shape, id)
  return shape
}

class ShapeReader {
  readonly #btf: Btf
  readonly #form64: NumberForm
  readonly #text: boolean
  readonly #records = new Map<string, RecordShape>()
  readonly #open = new Set<TypeId>()
  #fieldCount = 0

  constructor(btf: Btf, options: ShapeOptions) {
    this.#btf = btf
    this.#form64 = options.int64 ?? 'bigint'
    this.#text = options.chars !== 'bytes'
  }

  /** @param last whether nothing comes after it, so that an array of length 0 is a flexible one. */
  shape(id: TypeId, last: boolean, depth: number): Shape {
    const type = this.#resolve(id)
    if (depth > maxDepth) throw new CodecError(`${title(type)} is nested more than ${maxDepth} levels deep`, id)
    switch (type.kind) {
      case 'int':
        return this.#int(type)
      case 'enum':
      case 'enum64':
        return this.#enum(type)
      case 'ptr':
        return { kind: 'int', size: this.#btf.pointerSize, signed: false, form: 'bigint' }
      case 'float':
        return type.size === 4 || type.size === 8
          ? { kind: 'float', size: type.size }
          : { kind: 'bytes', length: type.size, size: type.size, flexible: false }
      case 'array':
        return this.#array(type, last, depth)
      case 'struct':
      case 'union':
      case 'datasec':
        return this.#record(type, last, depth)
      default:
        throw new CodecError(`${title(type)} has no values`, id)
    }
  }

  /** Strips names and qualifiers, and from a variable to its type. */
  #resolve(id: TypeId): BtfType {
    let type = this.#btf.type(id)
    for (let steps = 0; transparent.has(type.kind) && 'type' in type; steps++) {
      if (steps > maxDepth) throw new CodecError(`${title(type)} never ends in a type`, id)
      type = this.#btf.type(type.type)
    }
    return type
  }

  #int(type: IntType): Shape {
    const whole = this.#wholeInt(type)
    if (type.bits === type.size * 8 && type.bitOffset === 0) {
      const isChar = type.size === 1 && (type.encoding.char || type.name === 'char')
      return isChar && whole.kind === 'int' && this.#text ? { kind: 'char', size: 1 } : whole
    }
    return bits(whole, type.bitOffset, type.bits, type.id)
  }

  #wholeInt(type: IntType): IntShape | BoolShape {
    const size = intSizes.find(known => known === type.size)
    if (size === undefined) throw new CodecError(`${title(type)} of ${type.size} bytes has no values`, type.id)
    if (type.encoding.bool && size !== 16) return { kind: 'bool', size }
    return { kind: 'int', size, signed: type.encoding.signed, form: this.#form(size) }
  }

  #enum(type: EnumType): EnumShape {
    const { name, signed, size } = type
    if (size !== 1 && size !== 2 && size !== 4 && size !== 8) throw new CodecError(`${title(type)} of ${size} bytes has no values`, type.id)
    const form = this.#form(size)
    const names = new Map<number | bigint, string>()
    const values = new Map<string, bigint>()
    for (const { name: enumerator, value } of type.values) {
      const wrapped = signed ? BigInt.asIntN(size * 8, value) : BigInt.asUintN(size * 8, value)
      const key = form === 'number' ? Number(wrapped) : wrapped
      if (!names.has(key)) names.set(key, enumerator)
      if (!values.has(enumerator)) values.set(enumerator, wrapped)
    }
    return { kind: 'enum', name, size, signed, form, names, values }
  }

  #form(size: number): NumberForm {
    if (size === 16) return 'bigint'
    return size === 8 ? this.#form64 : 'number'
  }

  #array(type: ArrayType, last: boolean, depth: number): Shape {
    const element = this.shape(type.type, false, depth + 1)
    const size = element.size * type.length
    const shared = { length: type.length, size, flexible: last && type.length === 0 && element.size > 0 }
    if (element.kind === 'char') return { kind: 'text', ...shared }
    if (element.kind === 'int' && element.size === 1 && (!element.signed || this.#isChar(type.type))) return { kind: 'bytes', ...shared }
    if (element.kind === 'bits') throw new CodecError('an array of bitfields has no values', type.id)
    return { kind: 'array', element, ...shared } satisfies ArrayShape
  }

  #isChar(id: TypeId): boolean {
    const type = this.#resolve(id)
    return type.kind === 'int' && (type.encoding.char || type.name === 'char')
  }

  #record(type: CompositeType | DatasecType, last: boolean, depth: number): RecordShape {
    const key = `${type.id} ${last}`
    const known = this.#records.get(key)
    if (known !== undefined) return known
    if (this.#open.has(type.id)) throw new CodecError(`${title(type)} contains itself`, type.id)
    this.#open.add(type.id)
    const members = type.kind === 'datasec' ? this.#variables(type, depth) : this.#members(type, last, depth)
    this.#open.delete(type.id)
    const size = type.kind === 'datasec' ? members.reduce((most, m) => Math.max(most, m.offset + m.shape.size), type.size) : type.size
    const fields = this.#flatten(members, type.id)
    const flexible = fields.some(field => isFlexible(field.shape))
    const record: RecordShape = { kind: 'record', size, union: type.kind === 'union', title: title(type), members, fields, flexible }
    this.#records.set(key, record)
    return record
  }

  #members(type: CompositeType, last: boolean, depth: number): Field[] {
    const fields: Field[] = []
    for (const [index, member] of type.members.entries()) {
      const isLast = last && (type.kind === 'union' || index === type.members.length - 1)
      const field = this.#member(member, isLast, depth, type.id)
      if (field.offset + field.shape.size > type.size)
        throw new CodecError(`${title(type)}: member "${field.name}" is past its end`, type.id)
      if (field.name !== '' || field.shape.kind === 'record') fields.push(field)
    }
    return fields
  }

  #member(member: Member, last: boolean, depth: number, owner: TypeId): Field {
    const { name, bitOffset, bitSize } = member
    const offset = Math.floor(bitOffset / 8)
    const type = this.#resolve(member.type)
    if (bitSize === 0) {
      const shape = this.shape(member.type, last, depth + 1)
      if (shape.kind !== 'bits') {
        if (bitOffset % 8 !== 0) throw new CodecError(`member "${name}" does not begin at a byte`, owner)
        return { name, offset, shape }
      }
      return bitField(name, shape.of, bitOffset + (type.kind === 'int' ? type.bitOffset : 0), shape.bits, owner)
    }
    const whole = type.kind === 'int' ? this.#wholeInt(type) : type.kind === 'enum' || type.kind === 'enum64' ? this.#enum(type) : undefined
    if (whole === undefined) throw new CodecError(`bitfield "${name}" is ${title(type)}, not an integer`, owner)
    return bitField(name, whole, bitOffset, bitSize, owner)
  }

  #variables(section: DatasecType, depth: number): Field[] {
    return section.variables.map(({ type, offset }) => ({
      name: this.#btf.nameOf(type),
      offset,
      shape: this.shape(type, false, depth + 1),
    }))
  }

  #flatten(members: readonly Field[], owner: TypeId): Field[] {
    const fields = members.flatMap(member => {
      if (member.name !== '' || member.shape.kind !== 'record') return [member]
      return member.shape.fields.map(inner => ({ ...inner, offset: member.offset + inner.offset }))
    })
    this.#fieldCount += fields.length
    if (this.#fieldCount > maxFields) throw new CodecError(`more than ${maxFields} fields`, owner)
    return fields
  }
}

const intSizes: readonly IntSize[] = [1, 2, 4, 8, 16]
const transparent = new Set<BtfType['kind']>(['typedef', 'const', 'volatile', 'restrict', 'typeTag', 'var'])

const title = (type: BtfType): string => `${type.kind} ${type.name || '(anonymous)'}`

function bitField(name: string, of: IntShape | BoolShape | EnumShape, bitOffset: number, width: number, owner: TypeId): Field {
  return { name, offset: Math.floor(bitOffset / 8), shape: bits(of, bitOffset % 8, width, owner) }
}

function bits(of: IntShape | BoolShape | EnumShape, bit: number, width: number, owner: TypeId): Shape {
  if (width === 0 || width > of.size * 8)
    throw new CodecError(`a bitfield of ${width} bits does not fit its type of ${of.size} bytes`, owner)
  return { kind: 'bits', of, bit, bits: width, size: Math.ceil((bit + width) / 8) }
}

/** Refuses types of which few bytes would make very many values: arrays of empty structs, structs overlapping many times over. */
function checkWeight(root: Shape, id: TypeId): void {
  const weights = new Map<Shape, number>()
  const weigh = (shape: Shape): number => {
    const known = weights.get(shape)
    if (known !== undefined) return known
    let weight = 1
    if (shape.kind === 'record') for (const field of shape.fields) weight += weigh(field.shape)
    else if (shape.kind === 'array') {
      const each = weigh(shape.element)
      weight += shape.length * each
      if (shape.flexible && each > shape.element.size * 64) throw new CodecError('a flexible array of elements with too many fields', id)
    }
    weights.set(shape, weight)
    return weight
  }
  const weight = weigh(root)
  if (weight > root.size * 64 + 4096) throw new CodecError(`${root.size} bytes would make ${weight} values`, id)
}
