import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { type Decoded, type ValueCodec, viewOf } from './codec'
import { array, bytes, struct, text } from './declare'
import { perCpuCodec } from './per-cpu'
import { be16, be32, bool, s8, s16, s32, s64, u8, u16, u32, u64 } from './scalars'

function encode<T>(codec: ValueCodec<T>, value: T): number[] {
  const memory = new Uint8Array(codec.size)
  codec.encode(value, viewOf(memory), 0)
  return [...memory]
}

/** What comes back after a value was written behind other bytes, among other bytes. */
function through<T>(codec: ValueCodec<T>, value: T): T {
  const memory = new Uint8Array(codec.size + 16).fill(0xee)
  codec.encode(value, viewOf(memory), 8)
  expect([...memory.subarray(0, 8), ...memory.subarray(8 + codec.size)]).toEqual(new Array(16).fill(0xee))
  return codec.decode(viewOf(memory), 8)
}

describe('numbers', () => {
  const same =
    <T>(codec: ValueCodec<T>) =>
    (value: T) => {
      expect(through(codec, value)).toBe(value)
    }

  const cases = [
    { codec: u8, min: 0, max: 2 ** 8 - 1 },
    { codec: s8, min: -(2 ** 7), max: 2 ** 7 - 1 },
    { codec: u16, min: 0, max: 2 ** 16 - 1 },
    { codec: s16, min: -(2 ** 15), max: 2 ** 15 - 1 },
    { codec: u32, min: 0, max: 2 ** 32 - 1 },
    { codec: s32, min: -(2 ** 31), max: 2 ** 31 - 1 },
    { codec: be16, min: 0, max: 2 ** 16 - 1 },
    { codec: be32, min: 0, max: 2 ** 32 - 1 },
  ]

  it.each(cases)('of $codec.size bytes from $min to $max, and no others', ({ codec, min, max }) => {
    fc.assert(fc.property(fc.integer({ min, max }), same(codec)))
    for (const value of [min - 1, max + 1, 0.5, Number.NaN]) expect(() => encode(codec, value)).toThrow('-bit integer, got')
    expect(() => encode(codec, '1' as unknown as number)).toThrow('got "1"')
  })

  it('of 64 bits are bigints', () => {
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), same(u64)))
    fc.assert(fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), same(s64)))
    for (const value of [-1n, 2n ** 64n]) expect(() => encode(u64, value)).toThrow('expected an unsigned 64-bit bigint')
    expect(() => encode(u64, 1 as unknown as bigint)).toThrow('got 1 (number)')
  })

  it('lie in memory as the machine, or the network, has them', () => {
    expect([encode(u32, 1), encode(be32, 1), encode(be16, 443), encode(u64, 258n)]).toEqual([
      [1, 0, 0, 0],
      [0, 0, 0, 1],
      [1, 187],
      [2, 1, 0, 0, 0, 0, 0, 0],
    ])
  })

  it('and booleans', () => {
    expect([through(bool, true), through(bool, false), bool.decode(viewOf(Uint8Array.of(7)), 0)]).toEqual([true, false, true])
    expect(() => encode(bool, 1 as unknown as boolean)).toThrow('expected a boolean')
  })
})

describe('struct', () => {
  it('is laid out as a C compiler does', () => {
    const event = struct({ pid: u32, comm: text(5), bytes: u64, flag: u8 })
    // 0 pid, 4 comm, 9 padding, 16 bytes, 24 flag, 25 padding
    expect([event.size, event.align]).toEqual([32, 8])
    expect(encode(event, { pid: 1, comm: 'sh', bytes: 2n, flag: 3 })).toEqual([
      ...[1, 0, 0, 0, 115, 104, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      ...[2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0],
    ])
    expect(struct({ a: u8, b: u32 }, { packed: true }).size).toBe(5)
  })

  it('has the type of its members', () => {
    const nested = struct({ at: struct({ x: s16, y: s16 }), tags: array(u8, 2), raw: bytes(3), name: text(4) })
    type Nested = Decoded<typeof nested>
    expectTypeOf<Nested>().toEqualTypeOf<{ at: { x: number; y: number }; tags: number[]; raw: Uint8Array; name: string }>()
    const value = { at: { x: -1, y: 2 }, tags: [3, 4], raw: Uint8Array.of(5, 6, 7), name: 'name' }
    expect(through(nested, value)).toEqual(value)
    expect(nested.size).toBe(14)
  })

  it('wants all its members', () => {
    const point = struct({ x: u32, y: u32 })
    expect(() => encode(point, { x: 1 } as never)).toThrow('expected an object with "y", got an object')
    expect(() => encode(point, null as never)).toThrow('expected an object, got null')
  })
})

describe('text, bytes and arrays', () => {
  it('text ends at its first NUL, and may fill its place', () => {
    expect([through(text(4), 'abcd'), through(text(4), ''), through(text(4), 'é')]).toEqual(['abcd', '', 'é'])
    expect(() => encode(text(4), 'abcde')).toThrow('expected text of at most 4 bytes, got "abcde"')
  })

  it('bytes and arrays have their length', () => {
    expect(() => encode(bytes(4), new Uint8Array(5))).toThrow('expected 4 bytes, got 5 bytes')
    expect(() => encode(array(u8, 2), [1])).toThrow('expected 2 elements, got 1 values')
  })
})

describe('perCpuCodec', () => {
  it('gives each CPU a slot of whole words', () => {
    const codec = perCpuCodec(struct({ a: u64, b: u32 }, { packed: true }), 3)
    expect(codec.size).toBe(48)
    const values = [1, 2, 3].map(n => ({ a: BigInt(n), b: n }))
    expect(through(codec, values)).toEqual(values)
    expect(encode(perCpuCodec(u8, 2), [1, 2])).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0])
  })
})
