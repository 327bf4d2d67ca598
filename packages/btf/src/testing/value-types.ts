import fc from 'fast-check'
import type { BtfBuilder } from '../builder'
import type { Member, TypeId } from '../types'

/** A C type to be, with the layout that a compiler gives it. */
export interface CType {
  readonly size: number
  readonly align: number
  /** Puts the type into the BTF. */
  add(btf: BtfBuilder): TypeId
}

export const cInt = (name: string, size: number, encoding: { signed?: boolean; char?: boolean; bool?: boolean } = {}): CType => ({
  size,
  align: size,
  add: btf => btf.add({ kind: 'int', name, size, encoding }),
})

export const cFloat = (size: 4 | 8): CType => ({ size, align: size, add: btf => btf.add({ kind: 'float', name: 'float', size }) })

export const cPointer: CType = { size: 8, align: 8, add: btf => btf.add({ kind: 'ptr', type: 0 as TypeId }) }

export const cEnum = (size: 1 | 2 | 4 | 8, signed: boolean, values: Record<string, bigint>): CType => ({
  size,
  align: size,
  add: btf =>
    btf.add({
      kind: size === 8 ? 'enum64' : 'enum',
      name: 'e',
      size,
      signed,
      values: Object.entries(values).map(([name, value]) => ({ name, value })),
    }),
})

export const cArray = (element: CType, length: number): CType => ({
  size: element.size * length,
  align: element.align,
  add: btf => btf.add({ kind: 'array', type: element.add(btf), indexType: 0 as TypeId, length }),
})

export const cTypedef = (name: string, type: CType): CType => ({
  ...type,
  add: btf => btf.add({ kind: 'typedef', name, type: btf.add({ kind: 'const', type: type.add(btf) }) }),
})

/** A field `[name, type]`, or a bitfield `[name, type, bits]`. */
export type CField = readonly [name: string, type: CType, bits?: number | undefined]

export const cStruct = (fields: readonly CField[]): CType => cRecord('struct', fields)
export const cUnion = (fields: readonly CField[]): CType => cRecord('union', fields)

/** Lays fields out as the System V ABI does: each at its alignment, a bitfield never across a unit of its type. */
function cRecord(kind: 'struct' | 'union', fields: readonly CField[]): CType {
  let end = 0
  let size = 0
  const offsets = fields.map(([, type, bits]) => {
    const unit = type.size * 8
    if (kind === 'union') end = 0
    const fits = bits !== undefined && Math.floor(end / unit) === Math.floor((end + bits - 1) / unit)
    const at = fits ? end : Math.ceil(end / (type.align * 8)) * type.align * 8
    end = at + (bits ?? unit)
    size = Math.max(size, Math.ceil(end / 8))
    return at
  })
  const align = fields.reduce((most, [, type]) => Math.max(most, type.align), 1)
  return {
    size: Math.ceil(size / align) * align,
    align,
    add(btf) {
      const members = fields.map(
        ([name, type, bits], index): Member => ({ name, type: type.add(btf), bitOffset: offsets[index] ?? 0, bitSize: bits ?? 0 }),
      )
      return btf.add({ kind, name: fields.length % 2 === 0 ? 's' : '', size: Math.ceil(size / align) * align, members })
    },
  }
}

const integers = [1, 2, 4, 8, 16].flatMap(size => [cInt('int', size, { signed: true }), cInt('unsigned', size)])
const enums = [
  cEnum(4, false, { ZERO: 0n, ONE: 1n, UNO: 1n, TOP: 0xffffffffn }),
  cEnum(1, true, { NONE: 0n, MINUS: -1n }),
  cEnum(8, true, { LEAST: -(2n ** 63n), ['__proto__']: 5n }),
  cEnum(8, false, { MOST: 2n ** 64n - 1n }),
]
const bool = cInt('_Bool', 1, { bool: true })
const exactBitTypes = [...integers.filter(type => type.size <= 8), ...enums.slice(0, 1)]

/** Values that hold every bit of their bytes; with others in a union, a decoded union may not say enough to be encoded. */
const exactScalar = fc.constantFrom(...integers, ...enums, cPointer)
const scalar = fc.constantFrom(...integers, ...enums, cInt('char', 1, { signed: true }), bool, cFloat(4), cFloat(8), cPointer)

const fieldName = (index: number): string => ['a', 'b', '__proto__', 'constructor', 'd"\n', 'größe', 'x', 'y'][index] ?? `f${index}`

/** Types that have values, up to three levels deep. */
export const anyValueType: fc.Arbitrary<CType> = fc.letrec<{ type: CType; exact: CType }>(tie => {
  const fieldsOf = (type: fc.Arbitrary<CType>, bitTypes: readonly CType[]): fc.Arbitrary<CField[]> => {
    const bitField = fc
      .constantFrom(...bitTypes)
      .chain(of => fc.tuple(fc.constant(of), fc.integer({ min: 1, max: of === bool ? 1 : of.size * 8 })))
    const field = fc.oneof(
      type.map((of): [CType, number?] => [of]),
      bitField,
    )
    return fc
      .array(field, { minLength: 1, maxLength: 6 })
      .map(list => list.map(([of, bits], index): CField => [fieldName(index), of, bits]))
  }
  const typeOf = (self: fc.Arbitrary<CType>, scalar: fc.Arbitrary<CType>, bitTypes: readonly CType[]): fc.Arbitrary<CType> =>
    fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      scalar,
      fieldsOf(self, bitTypes).map(cStruct),
      fieldsOf(tie('exact'), exactBitTypes).map(cUnion),
      fc.tuple(self, fc.integer({ min: 0, max: 4 })).map(([type, length]) => cArray(type, length)),
      self.map(type => cTypedef('t', type)),
    )
  return { type: typeOf(tie('type'), scalar, [...exactBitTypes, bool]), exact: typeOf(tie('exact'), exactScalar, exactBitTypes) }
}).type
