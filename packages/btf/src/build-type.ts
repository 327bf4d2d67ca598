import { BtfError } from './errors'
import { flagOfInfo, kindName, kindOfInfo, recordSize, vlenOfInfo } from './kinds'
import type { BtfStrings, BtfType, CompositeType, DatasecType, EnumType, FuncProtoType, FuncType, IntType, Member, TypeId } from './types'

/** What is needed to read one record; offsets and sizes were checked when the blob was indexed. */
export interface RecordSource {
  readonly view: DataView
  readonly littleEndian: boolean
  readonly strings: BtfStrings
  /** One past the last id of the blob. */
  readonly endId: number
  readonly context: string
}

/** Names past this length are refused, so that many types sharing one huge string cannot exhaust the memory. */
const longestName = 65_536

/** One record under construction: its fields, and checked look-ups of what it refers to. */
class Record {
  readonly id: TypeId
  readonly name: string
  readonly kind: number
  readonly vlen: number
  readonly flag: boolean
  /** The third word: size or type id. */
  readonly sizeOrType: number
  readonly #source: RecordSource
  readonly #offset: number

  constructor(source: RecordSource, id: number, offset: number) {
    this.#source = source
    this.#offset = offset
    this.id = id as TypeId
    const info = this.#u32(4)
    this.kind = kindOfInfo(info)
    this.vlen = vlenOfInfo(info)
    this.flag = flagOfInfo(info)
    this.sizeOrType = this.#u32(8)
    this.name = this.string(this.#u32(0))
  }

  /** The n-th word after `struct btf_type`. */
  word(n: number): number {
    return this.#u32(recordSize + n * 4)
  }

  /** A reference to another type, which must exist. @throws BtfError */
  reference(id: number): TypeId {
    if (id >= this.#source.endId) throw this.invalid(`refers to type ${id}, which does not exist`)
    return id as TypeId
  }

  /** @throws BtfError */
  string(offset: number): string {
    if (offset >= this.#source.strings.end) throw this.invalid(`name at string offset ${offset} is outside the string section`)
    const text = this.#source.strings.get(offset)
    if (text.length > longestName) throw this.invalid(`name of ${text.length} characters`)
    return text
  }

  /** One result an element, `width` words each. */
  elements<T>(width: number, read: (firstWord: number) => T): T[] {
    const result: T[] = []
    for (let index = 0; index < this.vlen; index++) result.push(read(index * width))
    return result
  }

  invalid(message: string): BtfError {
    const kind = kindName(this.kind)
    return new BtfError(`type ${this.id} (${kind}${this.name ? ` ${this.name}` : ''}) ${message}`, {
      context: this.#source.context,
      offset: this.#offset,
      typeId: this.id,
    })
  }

  #u32(at: number): number {
    return this.#source.view.getUint32(this.#offset + at, this.#source.littleEndian)
  }
}

/** Builds the type whose record is at `offset`. @throws BtfError */
export function buildType(source: RecordSource, id: number, offset: number): BtfType {
  const record = new Record(source, id, offset)
  return builders[kindName(record.kind)](record)
}

const linkages = ['static', 'global', 'extern'] as const

function linkage(record: Record, value: number): 'static' | 'global' | 'extern' {
  const name = linkages[value]
  if (name === undefined) throw record.invalid(`has linkage ${value}`)
  return name
}

/** Word: encoding in bits 24–27 (signed 1, char 2, bool 4), bit offset in 16–23, width in 0–7. */
function buildInt(record: Record): IntType {
  const { id, name, sizeOrType: size } = record
  const word = record.word(0)
  const encoding = word >>> 24
  const bitOffset = (word >>> 16) & 0xff
  const bits = word & 0xff
  if (bitOffset + bits > size * 8) throw record.invalid(`has ${bits} bits at bit ${bitOffset} in ${size} bytes`)
  return {
    kind: 'int',
    id,
    name,
    size,
    encoding: { signed: (encoding & 1) !== 0, char: (encoding & 2) !== 0, bool: (encoding & 4) !== 0 },
    bitOffset,
    bits,
  }
}

/** With `kind_flag`, a member's offset word is the bitfield's width in the top 8 bits and the bit offset in the low 24. */
function buildComposite(record: Record, kind: 'struct' | 'union'): CompositeType {
  const { id, name, sizeOrType: size, flag } = record
  const members = record.elements(3, (at): Member => {
    const offset = record.word(at + 2)
    return {
      name: record.string(record.word(at)),
      type: record.reference(record.word(at + 1)),
      bitOffset: flag ? offset & 0xffffff : offset,
      bitSize: flag ? offset >>> 24 : 0,
    }
  })
  return { kind, id, name, size, members }
}

/** `kind_flag` says that values are signed. */
function buildEnum(record: Record, kind: 'enum' | 'enum64'): EnumType {
  const { id, name, sizeOrType: size, flag: signed } = record
  const values =
    kind === 'enum'
      ? record.elements(2, at => {
          const value = record.word(at + 1)
          return { name: record.string(record.word(at)), value: BigInt(signed ? value | 0 : value) }
        })
      : record.elements(3, at => {
          const value = (BigInt(record.word(at + 2)) << 32n) | BigInt(record.word(at + 1))
          return { name: record.string(record.word(at)), value: signed ? BigInt.asIntN(64, value) : value }
        })
  return { kind, id, name, size, signed, values }
}

function buildFunc(record: Record): FuncType {
  const { id, name } = record
  return { kind: 'func', id, name, type: record.reference(record.sizeOrType), linkage: linkage(record, record.vlen) }
}

function buildFuncProto(record: Record): FuncProtoType {
  const params = record.elements(2, at => ({
    name: record.string(record.word(at)),
    type: record.reference(record.word(at + 1)),
  }))
  return { kind: 'funcProto', id: record.id, name: record.name, returnType: record.reference(record.sizeOrType), params }
}

function buildDatasec(record: Record): DatasecType {
  const variables = record.elements(3, at => ({
    type: record.reference(record.word(at)),
    offset: record.word(at + 1),
    size: record.word(at + 2),
  }))
  return { kind: 'datasec', id: record.id, name: record.name, size: record.sizeOrType, variables }
}

type Builder = (record: Record) => BtfType

const modifier =
  (kind: 'typedef' | 'volatile' | 'const' | 'restrict' | 'ptr'): Builder =>
  record => ({ kind, id: record.id, name: record.name, type: record.reference(record.sizeOrType) })

const builders: { readonly [K in BtfType['kind']]: Builder } = {
  void: record => {
    throw record.invalid('must not be in the type section')
  },
  int: buildInt,
  ptr: modifier('ptr'),
  array: record => ({
    kind: 'array',
    id: record.id,
    name: record.name,
    type: record.reference(record.word(0)),
    indexType: record.reference(record.word(1)),
    length: record.word(2),
  }),
  struct: record => buildComposite(record, 'struct'),
  union: record => buildComposite(record, 'union'),
  enum: record => buildEnum(record, 'enum'),
  fwd: record => ({ kind: 'fwd', id: record.id, name: record.name, of: record.flag ? 'union' : 'struct' }),
  typedef: modifier('typedef'),
  volatile: modifier('volatile'),
  const: modifier('const'),
  restrict: modifier('restrict'),
  func: buildFunc,
  funcProto: buildFuncProto,
  var: record => ({
    kind: 'var',
    id: record.id,
    name: record.name,
    type: record.reference(record.sizeOrType),
    linkage: linkage(record, record.word(0)),
  }),
  datasec: buildDatasec,
  float: record => ({ kind: 'float', id: record.id, name: record.name, size: record.sizeOrType }),
  declTag: record => ({
    kind: 'declTag',
    id: record.id,
    name: record.name,
    type: record.reference(record.sizeOrType),
    componentIndex: record.word(0) | 0,
    ...(record.flag && { attribute: true }),
  }),
  typeTag: record => ({
    kind: 'typeTag',
    id: record.id,
    name: record.name,
    type: record.reference(record.sizeOrType),
    ...(record.flag && { attribute: true }),
  }),
  enum64: record => buildEnum(record, 'enum64'),
  unknown: record => ({ kind: 'unknown', id: record.id, name: record.name, rawKind: record.kind }),
}
