import { describe, expect, it } from 'vitest'
import { bool, char, codecOf, color, encoded, s8, u8, u16, u32, u64, view } from '../testing/codec-of'
import { type CType, cArray, cStruct, cUnion } from '../testing/value-types'
import { EncodeError } from './codec-error'

function refusal(type: CType, value: unknown): EncodeError {
  try {
    encoded(codecOf(type), value)
  } catch (error) {
    if (error instanceof EncodeError) return error
    throw error
  }
  throw new Error('it was encoded')
}

describe('encoding', () => {
  it('fills fields that are not given, and padding, with zeros', () => {
    const bytes = Uint8Array.from([9, 9, 9, 9, 9, 9, 9, 9])
    codecOf(
      cStruct([
        ['a', u8],
        ['b', u32],
      ]),
    ).encode({ a: 1, b: undefined }, new DataView(bytes.buffer))
    expect([...bytes]).toEqual([1, 0, 0, 0, 0, 0, 0, 0])
  })

  it('takes numbers for 64-bit integers, bigints for small ones, names or numbers for enums, bytes or text for char arrays', () => {
    const type = cStruct([
      ['a', u64],
      ['b', u32],
      ['c', color],
      ['d', cArray(char, 4)],
    ])
    const first = encoded(codecOf(type), { a: 1n, b: 2, c: 'GREEN', d: 'ab' })
    expect(encoded(codecOf(type), { a: 1, b: 2n, c: 1, d: [97, 98] })).toEqual(first)
  })

  it.each<[string, CType, unknown, string, string?]>([
    ['too large', cStruct([['pid', u32]]), { pid: 2 ** 32 }, 'value.pid: 4294967296 does not fit in 32 bits'],
    ['negative', cStruct([['pid', u32]]), { pid: -1 }, 'value.pid: -1 is negative, but the type is unsigned'],
    ['too large with a sign', s8, 128, 'value: 128 does not fit in 8 signed bits'],
    ['too large for 64 bits', u64, 2n ** 64n, 'value: 18446744073709551616 does not fit in 64 bits'],
    ['an unsafe number', u64, 2 ** 60, 'value: 1152921504606847000 is past 2^53 and may have lost digits', 'give a bigint'],
    ['too large for a bitfield', cStruct([['f', u32, 3]]), { f: 8 }, 'value.f: 8 does not fit in 3 bits'],
    ['a fraction', u32, 1.5, 'value: expected an integer, got 1.5'],
    ['text for a number', u32, '1', 'value: expected an integer, got "1"'],
    ['a number for a boolean', bool, 2, 'value: expected a boolean, got 2'],
    ['a misspelt enumerator', color, 'GREN', 'value: "GREN" is not an enumerator', 'did you mean GREEN, RED?'],
    [
      'a misspelt field',
      cStruct([
        ['pid', u32],
        ['uid', u32],
      ]),
      { pdi: 1 },
      'value.pdi: struct s has no such field',
      'did you mean pid?',
    ],
    ['text that is too long', cArray(char, 4), 'grüße', 'value: "grüße" is 7 bytes, but there is room for 4'],
    ['bytes of another length', cArray(u8, 4), [1, 2], 'value: expected 4 bytes, got an array of 2'],
    ['what is no byte', cArray(u8, 2), [1, 256], 'value[1]: expected a byte, got 256'],
    ['an array of another length', cArray(u32, 2), [1], 'value: expected 2 elements, got 1'],
    ['an array element', cStruct([['list', cArray(u16, 2)]]), { list: [1, null] }, 'value.list[1]: expected an integer, got null'],
    ['no object', cStruct([['a', u8]]), 5, 'value: expected an object (struct (anonymous)), got 5'],
    ['an array for a struct', cStruct([['a', u8]]), [1], 'value: expected an object (struct (anonymous)), got an array of 1'],
    ['characters of two bytes', char, 'ā', 'value: expected one character of one byte, got "ā"'],
  ])('refuses %s', (_, type, value, message, hint) => {
    const error = refusal(type, value)
    expect(error.message).toBe(message)
    expect(error.hint).toBe(hint)
    expect(error.code).toBe('ERR_BPF_ENCODE')
  })

  it('names the value as asked', () => {
    expect(() => codecOf(u8, { name: 'targ_pid' }).encode(256, view(0))).toThrow('targ_pid: 256 does not fit in 8 bits')
  })

  it('reports the right place after an earlier failure', () => {
    const codec = codecOf(
      cStruct([
        ['a', cArray(u16, 1)],
        ['b', u8],
      ]),
    )
    expect(() => encoded(codec, { a: [-1] })).toThrow('value.a[0]')
    expect(() => encoded(codec, { b: -1 })).toThrow('value.b:')
  })
})

describe('encoding unions', () => {
  const address = cUnion([
    ['u8', cArray(u8, 4)],
    ['u16', cArray(u16, 2)],
    ['u32', u32],
  ])

  it('needs one member', () => {
    expect(encoded(codecOf(address), { u16: [0x201, 0x403] })).toEqual([1, 2, 3, 4])
    expect(encoded(codecOf(address), {})).toEqual([0, 0, 0, 0])
  })

  it('takes several that agree, however little each of them says', () => {
    const codec = codecOf(
      cUnion([
        ['flag', bool],
        ['name', cArray(char, 4)],
        ['low', u32, 4],
      ]),
    )
    const value = codec.decode(view(0x41, 0x42, 0, 0))
    expect(value).toEqual({ flag: true, name: 'AB', low: 1 })
    expect(encoded(codec, value)).toEqual([0x41, 0x42, 0, 0])
  })

  it('refuses to guess which of two different members is meant', () => {
    const error = refusal(address, { u32: 1, u16: [2, 0] })
    expect([error.message, error.hint]).toEqual(['value: union members u16, u32 say different things', 'give only the one that is meant'])
  })

  it('works the same for anonymous unions, whose members are the fields of the struct', () => {
    const codec = codecOf(
      cStruct([
        ['tag', u32],
        [
          '',
          cUnion([
            [
              '',
              cStruct([
                ['a', u16],
                ['b', u16],
              ]),
            ],
            ['ab', u32],
          ]),
        ],
      ]),
    )
    expect(encoded(codec, { tag: 1, ab: 0x20001 })).toEqual([1, 0, 0, 0, 1, 0, 2, 0])
    expect(encoded(codec, { tag: 1, b: 2 })).toEqual([1, 0, 0, 0, 0, 0, 2, 0])
    expect(encoded(codec, { a: 1, ab: 0x20001 })).toEqual([0, 0, 0, 0, 1, 0, 2, 0])
    expect(() => encoded(codec, { tag: 1, a: 7, ab: 0x20001 })).toThrow('union members a, ab say different things')
  })
})
