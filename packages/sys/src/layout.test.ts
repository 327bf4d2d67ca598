import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ArgumentError, decodeFields, encodeFields, type FieldsOf, type Layout, layout } from './layout'

const encode = <L extends Layout>(table: L, values: FieldsOf<L>, addressOf: (memory: ArrayBufferView) => bigint = () => 0x1000n) => {
  const bytes = new Uint8Array(table.size)
  const keep: unknown[] = []
  return { used: encodeFields(table, bytes, values, addressOf, keep), bytes, keep }
}

describe('layout', () => {
  it('aligns as C does', () => {
    const table = layout({ a: 'u8', b: 'u32', c: 'u16', d: 'u64', e: 'text16', f: 'pointer' })
    expect(table.fields.map(({ name, offset }) => [name, offset])).toEqual([
      ['a', 0],
      ['b', 4],
      ['c', 8],
      ['d', 16],
      ['e', 24],
      ['f', 40],
    ])
    expect(table.size).toBe(48)
  })

  it('counts the bytes up to the last field that is not zero', () => {
    const table = layout({ a: 'u32', b: 'u64', c: 'u32' })
    expect(encode(table, {}).used).toBe(0)
    expect(encode(table, { a: 1, c: 0 }).used).toBe(4)
    expect(encode(table, { b: 1n }).used).toBe(16)
  })

  it('holds on to the memory that pointers refer to', () => {
    const memory = new Uint8Array(4)
    const { keep, bytes } = encode(layout({ p: 'pointer' }), { p: memory }, () => 0xdeadn)
    expect(keep).toEqual([memory])
    expect(decodeFields(layout({ p: 'pointer' }), bytes)).toEqual({ p: 0xdeadn })
  })

  it('passes text with its NUL, and nothing for empty memory', () => {
    const { keep } = encode(layout({ p: 'pointer' }), { p: 'GPL' })
    expect(keep).toEqual([Uint8Array.of(0x47, 0x50, 0x4c, 0)])
    expect(encode(layout({ p: 'pointer' }), { p: new Uint8Array() }).bytes).toEqual(new Uint8Array(8))
  })

  it.each([
    ['u32', -1, 'an unsigned 32-bit integer, got -1'],
    ['u32', 2 ** 32, 'an unsigned 32-bit integer, got 4294967296'],
    ['u32', 1.5, 'an unsigned 32-bit integer, got 1.5'],
    ['s32', 2 ** 31, 'a signed 32-bit integer, got 2147483648'],
    ['u64', 2n ** 64n, 'an unsigned 64-bit integer'],
    ['text16', 'sixteen_letters!', 'text of at most 15 bytes'],
    ['text16', 'a\0b', 'text of at most 15 bytes'],
    ['bytes8', new Uint8Array(7), '8 bytes, got 7 bytes'],
    ['pointer', 'a\0b', 'text without NUL, got "a'],
    ['pointer', 7, 'memory, text or an address, got 7'],
  ] as const)('refuses for %s the value %s', (type, value, message) => {
    const table: Layout = layout({ field: type })
    expect(() => encode(table, { field: value })).toThrow(ArgumentError)
    expect(() => encode(table, { field: value })).toThrow(`field: expected ${message}`)
  })

  it('reads back what it wrote', () => {
    const table = layout({ a: 'u8', b: 'u16', c: 'u32', d: 's32', e: 'u64', f: 's64', g: 'bytes8' })
    fc.assert(
      fc.property(
        fc.record({
          a: fc.nat(0xff),
          b: fc.nat(0xffff),
          c: fc.nat(0xffff_ffff),
          d: fc.integer(),
          e: fc.bigInt(0n, 2n ** 64n - 1n),
          f: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
          g: fc.uint8Array({ minLength: 8, maxLength: 8 }),
        }),
        values => {
          expect(decodeFields(table, encode(table, values).bytes)).toEqual(values)
        },
      ),
    )
  })

  it('reads zero beyond the end, where an older kernel wrote nothing', () => {
    const table = layout({ a: 'u32', b: 'u64', c: 'text16', d: 'bytes8', e: 'u32' })
    expect(decodeFields(table, Uint8Array.of(1, 0, 0, 0))).toEqual({ a: 1, b: 0n, c: '', d: new Uint8Array(8), e: 0 })
  })
})
