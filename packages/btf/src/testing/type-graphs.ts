import fc from 'fast-check'
import type { TypeInput } from '../type-input'
import type { TypeId } from '../types'

const name = fc.oneof(fc.stringMatching(/^[a-z_][a-z0-9_]{0,7}$/), fc.constantFrom('', '__proto__', 'größe'))
const u32 = fc.nat({ max: 0xffffffff })
const linkage = fc.constantFrom('static' as const, 'global' as const, 'extern' as const)

/** Any types of all kinds that BTF can express, their references anywhere in `[0, endId)`. */
export function anyTypes(startId = 1, maxLength = 12): fc.Arbitrary<TypeInput[]> {
  return fc.integer({ min: 0, max: maxLength }).chain(count => fc.array(anyType(startId + count), { minLength: count, maxLength: count }))
}

function anyType(endId: number): fc.Arbitrary<TypeInput> {
  const type = fc.nat({ max: endId - 1 }).map(id => id as TypeId)
  const list = <T>(element: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(element, { maxLength: 5 })
  const member = fc.record({ name, type, bitOffset: fc.nat({ max: 0xffffff }), bitSize: fc.oneof(fc.constant(0), fc.nat({ max: 255 })) })
  const tag = fc.record({ attribute: fc.constant(true) }, { requiredKeys: [] })
  return fc.oneof(
    fc
      .record({
        name,
        size: fc.constantFrom(1, 2, 4, 8, 16),
        signed: fc.boolean(),
        char: fc.boolean(),
        bool: fc.boolean(),
        shift: fc.nat({ max: 8 }),
      })
      .map(({ name, size, shift, ...encoding }) => ({
        kind: 'int' as const,
        name,
        size,
        encoding,
        bitOffset: shift,
        bits: size * 8 - shift,
      })),
    fc.record({ kind: fc.constant('ptr' as const), name, type }),
    fc.record({ kind: fc.constant('array' as const), name, type, indexType: type, length: u32 }),
    fc.record({ kind: fc.constantFrom('struct' as const, 'union' as const), name, size: u32, members: list(member) }),
    fc.boolean().chain(signed =>
      fc.record({
        kind: fc.constant('enum' as const),
        name,
        size: fc.constantFrom(1, 2, 4),
        signed: fc.constant(signed),
        values: list(
          fc.record({
            name,
            value: signed ? fc.bigInt({ min: -(2n ** 31n), max: 2n ** 31n - 1n }) : fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }),
          }),
        ),
      }),
    ),
    fc.boolean().chain(signed =>
      fc.record({
        kind: fc.constant('enum64' as const),
        name,
        size: fc.constant(8),
        signed: fc.constant(signed),
        values: list(
          fc.record({
            name,
            value: signed ? fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) : fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
          }),
        ),
      }),
    ),
    fc.record({ kind: fc.constant('fwd' as const), name, of: fc.constantFrom('struct' as const, 'union' as const) }),
    fc.record({ kind: fc.constantFrom('typedef' as const, 'volatile' as const, 'const' as const, 'restrict' as const), name, type }),
    fc.tuple(fc.record({ kind: fc.constant('typeTag' as const), name, type }), tag).map(([a, b]) => ({ ...a, ...b })),
    fc.record({ kind: fc.constant('func' as const), name, type, linkage }),
    fc.record({ kind: fc.constant('funcProto' as const), name, returnType: type, params: list(fc.record({ name, type })) }),
    fc.record({ kind: fc.constant('var' as const), name, type, linkage }),
    fc.record({ kind: fc.constant('datasec' as const), name, size: u32, variables: list(fc.record({ type, offset: u32, size: u32 })) }),
    fc.record({ kind: fc.constant('float' as const), name, size: fc.constantFrom(2, 4, 8, 12, 16) }),
    fc
      .tuple(fc.record({ kind: fc.constant('declTag' as const), name, type, componentIndex: fc.integer({ min: -1, max: 100 }) }), tag)
      .map(([a, b]) => ({ ...a, ...b })),
  )
}
