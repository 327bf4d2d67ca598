import type { ByteWriter } from '@bpf/bytes'
import { BtfBuildError } from './build-error'
import type { StringTable } from './string-table'
import type { TypeInput } from './type-input'
import { BtfKind } from './types'

/** What comes between the name and the elements of a record (`struct btf_type` and the single element after it). */
interface Head {
  readonly kind: number
  readonly kindFlag?: boolean
  /** Count of elements. */
  readonly vlen?: number
  /** The third word: a size in bytes or a type id. */
  readonly sizeOrType: number
}

/** The variant of `TypeInput` that `K` is a kind of. */
type InputOf<K, T = TypeInput> = T extends { readonly kind: infer Kinds } ? (K extends Kinds ? T : never) : never

type Encoder<K extends TypeInput['kind']> = (type: InputOf<K>, out: RecordWriter) => void

/** Most elements a record counts; before Linux 7.2 only 65,535 and other readers may stop there. */
const maxElements = 0xffffff
const maxBitfieldOffset = 0xffffff

const linkages = { static: 0, global: 1, extern: 2 } as const

/** Writes one record in three calls: `head`, then `u32`/`i32` for each word that follows, names through `name`. */
class RecordWriter {
  readonly #writer: ByteWriter
  readonly #strings: StringTable
  readonly #name: string
  readonly #id: number

  constructor(writer: ByteWriter, strings: StringTable, name: string, id: number) {
    this.#writer = writer
    this.#strings = strings
    this.#name = name
    this.#id = id
  }

  head({ kind, kindFlag = false, vlen = 0, sizeOrType }: Head): this {
    if (vlen > maxElements) throw this.#error(`${vlen} elements are more than the ${maxElements} a record can count`)
    const info = ((kindFlag ? 1 << 31 : 0) | (kind << 24) | vlen) >>> 0
    return this.name(this.#name).u32(info, 'info').u32(sizeOrType, 'size or type id')
  }

  name(text: string): this {
    this.#writer.u32(this.#strings.add(text))
    return this
  }

  u32(value: number, what: string): this {
    this.#writer.u32(this.check(value, 0, 0xffffffff, what))
    return this
  }

  i32(value: number, what: string): this {
    this.#writer.i32(this.check(value, -0x80000000, 0x7fffffff, what))
    return this
  }

  /** An enumerator's value, whichever way its sign is meant. */
  bits(value: bigint, width: 32 | 64): this {
    if (value !== BigInt.asUintN(width, value) && value !== BigInt.asIntN(width, value)) {
      throw this.#error(`enumerator value ${value} does not fit in ${width} bits`)
    }
    if (width === 64) {
      this.#writer.u32(Number(BigInt.asUintN(32, value)))
      this.#writer.u32(Number(BigInt.asUintN(32, value >> 32n)))
    } else {
      this.#writer.u32(Number(BigInt.asUintN(32, value)))
    }
    return this
  }

  check(value: number, least: number, most: number, what: string): number {
    if (!Number.isInteger(value) || value < least || value > most) throw this.#error(`${what} ${value} is not between ${least} and ${most}`)
    return value
  }

  #error(message: string): BtfBuildError {
    return new BtfBuildError(message, this.#id)
  }
}

/** Kinds that are no more than a name and a reference. */
const reference =
  (kind: number) =>
  (type: { readonly type: number }, out: RecordWriter): void => {
    out.head({ kind, sizeOrType: type.type })
  }

const composite =
  (kind: number): Encoder<'struct' | 'union'> =>
  (type, out) => {
    const kindFlag = type.members.some(m => m.bitSize !== 0)
    out.head({ kind, kindFlag, vlen: type.members.length, sizeOrType: type.size })
    for (const { name, type: id, bitOffset, bitSize } of type.members) {
      out.name(name).u32(id, 'member type id')
      if (kindFlag) out.check(bitOffset, 0, maxBitfieldOffset, 'bit offset of a member in a struct with bitfields')
      out.check(bitSize, 0, 0xff, 'bitfield width')
      out.u32(bitOffset + bitSize * 2 ** 24, 'member offset')
    }
  }

const enumeration =
  (kind: number, width: 32 | 64): Encoder<'enum' | 'enum64'> =>
  (type, out) => {
    out.head({ kind, kindFlag: type.signed, vlen: type.values.length, sizeOrType: type.size })
    for (const { name, value } of type.values) out.name(name).bits(value, width)
  }

const encoders: { readonly [K in TypeInput['kind']]: Encoder<K> } = {
  int(type, out) {
    const { signed, char, bool } = { signed: false, char: false, bool: false, ...type.encoding }
    const encoding = Number(signed) | (Number(char) << 1) | (Number(bool) << 2)
    const bitOffset = out.check(type.bitOffset ?? 0, 0, 0xff, 'bit offset')
    const bits = out.check(type.bits ?? type.size * 8, 0, 0xff, 'width in bits')
    out.head({ kind: BtfKind.Int, sizeOrType: type.size }).u32((encoding << 24) | (bitOffset << 16) | bits, 'int data')
  },
  ptr: reference(BtfKind.Ptr),
  array(type, out) {
    out.head({ kind: BtfKind.Array, sizeOrType: 0 })
    out.u32(type.type, 'element type id').u32(type.indexType, 'index type id').u32(type.length, 'length')
  },
  struct: composite(BtfKind.Struct),
  union: composite(BtfKind.Union),
  enum: enumeration(BtfKind.Enum, 32),
  enum64: enumeration(BtfKind.Enum64, 64),
  fwd(type, out) {
    out.head({ kind: BtfKind.Fwd, kindFlag: type.of === 'union', sizeOrType: 0 })
  },
  typedef: reference(BtfKind.Typedef),
  volatile: reference(BtfKind.Volatile),
  const: reference(BtfKind.Const),
  restrict: reference(BtfKind.Restrict),
  typeTag(type, out) {
    out.head({ kind: BtfKind.TypeTag, kindFlag: type.attribute === true, sizeOrType: type.type })
  },
  func(type, out) {
    out.head({ kind: BtfKind.Func, vlen: linkages[type.linkage], sizeOrType: type.type })
  },
  funcProto(type, out) {
    out.head({ kind: BtfKind.FuncProto, vlen: type.params.length, sizeOrType: type.returnType })
    for (const param of type.params) out.name(param.name).u32(param.type, 'parameter type id')
  },
  var(type, out) {
    out.head({ kind: BtfKind.Var, sizeOrType: type.type }).u32(linkages[type.linkage], 'linkage')
  },
  datasec(type, out) {
    out.head({ kind: BtfKind.Datasec, vlen: type.variables.length, sizeOrType: type.size })
    for (const { type: id, offset, size } of type.variables) out.u32(id, 'variable type id').u32(offset, 'offset').u32(size, 'size')
  },
  float(type, out) {
    out.head({ kind: BtfKind.Float, sizeOrType: type.size })
  },
  declTag(type, out) {
    out.head({ kind: BtfKind.DeclTag, kindFlag: type.attribute === true, sizeOrType: type.type })
    out.i32(type.componentIndex, 'component index')
  },
}

/** Appends one type record. @throws BtfBuildError if BTF cannot express the type. */
export function encodeType(type: TypeInput, id: number, writer: ByteWriter, strings: StringTable): void {
  const encode = encoders[type.kind] as (type: TypeInput, out: RecordWriter) => void
  encode(type, new RecordWriter(writer, strings, type.name ?? '', id))
}
