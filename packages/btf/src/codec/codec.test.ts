import { BoundsError } from '@bpf/bytes'
import { describe, expect, it } from 'vitest'
import { BtfBuilder } from '../builder'
import { parseBtf } from '../parse'
import { bool, char, codecOf, color, encoded, s8, s32, s64, type TestOptions, text, u8, u16, u32, u64, view } from '../testing/codec-of'
import { type CType, cArray, cEnum, cFloat, cInt, cPointer, cStruct, cTypedef, cUnion } from '../testing/value-types'
import { createCodec } from './codec'

const cases: [what: string, type: CType, bytes: number[], value: unknown, options?: TestOptions][] = [
  ['u8', u8, [255], 255],
  ['s8', s8, [255], -1],
  ['u16, big-endian', u16, [1, 2], 0x102, { littleEndian: false }],
  ['u32', u32, [1, 0, 0, 0x80], 0x80000001],
  ['s32', s32, [254, 255, 255, 255], -2],
  ['u64 as bigint', u64, [1, 0, 0, 0, 0, 0, 0, 0x80], 0x8000000000000001n],
  ['u64 within 32 bits', u64, [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0], 0xffffffffn],
  ['u64 just beyond, big-endian', u64, [0, 0, 0, 1, 0, 0, 0, 0], 2n ** 32n, { littleEndian: false }],
  ['u64 within 32 bits, big-endian', u64, [0, 0, 0, 0, 0x80, 0, 0, 0], 2n ** 31n, { littleEndian: false }],
  ['s64 within 32 bits', s64, [0xfe, 0xff, 0xff, 0xff, 0, 0, 0, 0], 0xfffffffen],
  ['s64 below zero', s64, [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], -2n],
  ['u64 as number', u64, [1, 0, 0, 0, 1, 0, 0, 0], 2 ** 32 + 1, { int64: 'number' }],
  ['s64 as number, big-endian', s64, [255, 255, 255, 255, 255, 255, 255, 254], -2, { int64: 'number', littleEndian: false }],
  ['u128', cInt('unsigned __int128', 16), [1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0], (2n << 64n) | 1n],
  ['s128, big-endian', cInt('__int128', 16, { signed: true }), Array(16).fill(255), -1n, { littleEndian: false }],
  ['bool', bool, [1], true],
  ['float', cFloat(4), [0, 0, 0xc0, 0x3f], 1.5],
  ['double, big-endian', cFloat(8), [0x3f, 0xf8, 0, 0, 0, 0, 0, 0], 1.5, { littleEndian: false }],
  [
    'pointer, bigint even when 64-bit integers are numbers',
    cPointer,
    [0, 0, 0, 0, 0x81, 0x88, 0xff, 0xff],
    0xffff888100000000n,
    { int64: 'number' },
  ],
  ['enumerator by name', color, [1, 0, 0, 0], 'GREEN'],
  ['unnamed enum value', color, [7, 0, 0, 0], 7],
  ['enum64', cEnum(8, true, { LOW: -1n }), Array(8).fill(255), 'LOW'],
  ['unnamed enum64 value', cEnum(8, true, { LOW: -1n }), [5, 0, 0, 0, 0, 0, 0, 0], 5n],
  ['char', char, [0x41], 'A'],
  ['NUL char', char, [0], ''],
  ['char as number', char, [0xff], -1, { chars: 'bytes' }],
  ['char array up to NUL', cArray(char, 8), text('bash', 8), 'bash'],
  ['char array without NUL', cArray(char, 4), text('bash', 4), 'bash'],
  [
    'longer UTF-8',
    cArray(char, 80),
    text('Grüße aus der Küche an die große Käseglocke', 80),
    'Grüße aus der Küche an die große Käseglocke',
  ],
  ['UTF-8 cut in the middle', cArray(char, 4), [0x61, 0x62, 0xe2, 0x82], 'ab\udce2\udc82'],
  ['char array as bytes', cArray(char, 3), [0x61, 0, 0x62], Uint8Array.of(0x61, 0, 0x62), { chars: 'bytes' }],
  ['byte array', cArray(cTypedef('u8', u8), 3), [1, 2, 3], Uint8Array.of(1, 2, 3)],
  ['long byte array', cArray(u8, 40), Array(40).fill(9), new Uint8Array(40).fill(9)],
  ['signed bytes', cArray(s8, 2), [255, 1], [-1, 1]],
  [
    'array of arrays',
    cArray(cArray(u16, 2), 2),
    [1, 0, 2, 0, 3, 0, 4, 0],
    [
      [1, 2],
      [3, 4],
    ],
  ],
  ['array of names', cArray(cArray(char, 2), 2), text('ab\0\0', 4), ['ab', '']],
  [
    'struct with padding',
    cStruct([
      ['a', u8],
      ['b', u32],
    ]),
    [1, 0, 0, 0, 2, 0, 0, 0],
    { a: 1, b: 2 },
  ],
  ['typedef of const', cTypedef('pid_t', s32), [5, 0, 0, 0], 5],
  [
    'bitfields',
    cStruct([
      ['a', u32, 3],
      ['b', s32, 5],
      ['c', u32, 20],
      ['d', bool, 1],
    ]),
    [0xfd, 0x34, 0x12, 0x1f],
    { a: 5, b: -1, c: 0xf1234, d: true },
  ],
  [
    'bitfields, big-endian',
    cStruct([
      ['a', u32, 3],
      ['b', s32, 5],
      ['c', u32, 20],
    ]),
    [0xbf, 0xf1, 0x23, 0x40],
    { a: 5, b: -1, c: 0xf1234 },
    { littleEndian: false },
  ],
  [
    '64-bit bitfields',
    cStruct([
      ['a', u64, 4],
      ['b', s64, 40],
    ]),
    [0xf1, 255, 255, 255, 255, 0x0f, 0, 0],
    { a: 1n, b: -1n },
  ],
  ['enum bitfield', cStruct([['a', color, 2]]), [1, 0, 0, 0], { a: 'GREEN' }],
  [
    'union',
    cUnion([
      ['word', u32],
      ['bytes', cArray(u8, 4)],
    ]),
    [1, 2, 3, 4],
    { word: 0x04030201, bytes: Uint8Array.of(1, 2, 3, 4) },
  ],
  [
    'anonymous members',
    cStruct([
      ['a', u16],
      [
        '',
        cUnion([
          [
            '',
            cStruct([
              ['lo', u8],
              ['hi', u8],
            ]),
          ],
          ['both', u16],
        ]),
      ],
    ]),
    [1, 0, 2, 3],
    { a: 1, lo: 2, hi: 3, both: 0x302 },
  ],
]

describe.each<'compiled' | 'interpreted'>(['compiled', 'interpreted'])('%s', mode => {
  it.each(cases)('decodes %s', (_, type, bytes, value, options) => {
    expect(codecOf(type, { ...options, mode }).decode(view(0xee, ...bytes), 1)).toStrictEqual(value)
  })
})

it.each(cases)('encodes %s', (_, type, bytes, value, options) => {
  expect(encoded(codecOf(type, options), value)).toEqual(bytes)
})

it('reads pointers as bigint in BTF of 32-bit machines too', () => {
  const builder = new BtfBuilder()
  cInt('long', 4, { signed: true }).add(builder)
  const id = cPointer.add(builder)
  for (const mode of ['compiled', 'interpreted'] as const) {
    expect(createCodec(parseBtf(builder.toBytes()), id, { mode }).decode(view(1, 0, 0, 0x80))).toBe(0x80000001n)
  }
})

describe('names from untrusted BTF', () => {
  const hostile = ['__proto__', 'constructor', '"]:(()=>{throw 1})(),["', "'+process.exit()+'", '\u2028', 'a b', '1']
  const type = cStruct(hostile.map(name => [name, u8]))

  it.each<'compiled' | 'interpreted'>(['compiled', 'interpreted'])('are property names and nothing else (%s)', mode => {
    const value = codecOf(type, { mode }).decode(view(1, 2, 3, 4, 5, 6, 7))
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(hostile.map(name => Object.getOwnPropertyDescriptor(value, name)?.value)).toEqual([1, 2, 3, 4, 5, 6, 7])
  })

  it('are encoded from own properties only', () => {
    expect(encoded(codecOf(type), {})).toEqual([0, 0, 0, 0, 0, 0, 0])
    expect(encoded(codecOf(type), JSON.parse('{"__proto__":1,"constructor":2}'))).toEqual([1, 2, 0, 0, 0, 0, 0])
  })
})

describe('flexible arrays', () => {
  const event = cStruct([
    ['n', u32],
    ['items', cArray(u16, 0)],
  ])

  it('take the bytes that remain when the length is given', () => {
    const codec = codecOf(event)
    const bytes = view(2, 0, 0, 0, 1, 0, 2, 0, 3)
    expect(codec.size).toBe(4)
    expect(codec.decode(bytes)).toEqual({ n: 2, items: [] })
    expect(codec.decode(bytes, 0, 9)).toEqual({ n: 2, items: [1, 2] })
    expect(encoded(codec, { n: 2, items: [1, 2] })).toEqual([2, 0, 0, 0, 1, 0, 2, 0])
  })

  it.each([
    ['text', char, 'hi', [104, 105]],
    ['bytes', u8, Uint8Array.of(1, 2, 3), [1, 2, 3]],
    [
      'structs',
      cStruct([
        ['x', u8],
        ['y', u8],
      ]),
      [{ x: 1, y: 2 }],
      [1, 2],
    ],
  ])('may be of %s', (_, element, items, bytes) => {
    const codec = codecOf(
      cStruct([
        ['n', u8],
        [
          'inner',
          cStruct([
            ['m', u8],
            ['items', cArray(element, 0)],
          ]),
        ],
      ]),
    )
    const value = { n: 1, inner: { m: 2, items } }
    expect(encoded(codec, value)).toEqual([1, 2, ...bytes])
    expect(codec.decode(view(1, 2, ...bytes), 0, 2 + bytes.length)).toEqual(value)
  })

  it('are empty where other members follow', () => {
    const codec = codecOf(
      cStruct([
        ['none', cArray(u32, 0)],
        ['a', u8],
      ]),
    )
    expect(codec.decode(view(1, 0, 0, 0, 9, 9, 9, 9), 0, 8)).toEqual({ none: [], a: 1 })
  })
})

describe('bounds', () => {
  it.each([
    [0, undefined],
    [1, 3],
    [-1, undefined],
    [Number.NaN, undefined],
    [0, 2 ** 53],
  ])('refuses to read at %d with length %s in a view of 3 bytes', (offset, length) => {
    expect(() => codecOf(u32).decode(view(1, 2, 3), offset, length)).toThrow(BoundsError)
  })

  it('refuses to write past the end', () => {
    expect(() => codecOf(u32).encode(1, view(1, 2, 3, 4), 1)).toThrow('value: needs 4 bytes at offset 1, but the view has 4')
  })

  it('stays within a view that is part of a buffer', () => {
    const buffer = new ArrayBuffer(8)
    codecOf(cArray(char, 2)).encode('abcd'.slice(0, 2), new DataView(buffer, 4, 2))
    expect([...new Uint8Array(buffer)]).toEqual([0, 0, 0, 0, 97, 98, 0, 0])
  })
})

describe('data sections', () => {
  it('are objects of their variables, also before the section has a size', () => {
    const builder = new BtfBuilder()
    const type = u32.add(builder)
    const variables = ['pid', 'count'].map((name, index) => ({
      type: builder.add({ kind: 'var', name, type, linkage: 'global' }),
      offset: index * 8,
      size: 4,
    }))
    const id = builder.add({ kind: 'datasec', name: '.bss', size: 0, variables })
    const codec = createCodec(parseBtf(builder.toBytes()), id)
    expect(codec.size).toBe(12)
    expect(codec.decode(view(1, 0, 0, 0, 9, 9, 9, 9, 2, 0, 0, 0))).toEqual({ pid: 1, count: 2 })
  })
})
