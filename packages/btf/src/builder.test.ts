import { toHex } from '@bpf/bytes'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BtfBuildError } from './build-error'
import { BtfBuilder } from './builder'
import { encodeBtf } from './encode'
import { parseBtf } from './parse'
import { anyTypes } from './testing/type-graphs'
import type { TypeInput } from './type-input'
import type { Btf, BtfType, TypeId } from './types'

const int: TypeInput = { kind: 'int', name: 'int', size: 4, encoding: { signed: true } }

/** The types of a blob, without ids. */
function typesOf(btf: Btf): object[] {
  return Array.from({ length: btf.endId - btf.startId }, (_, index) => {
    const { id, ...rest } = btf.type(btf.startId + index)
    return rest
  })
}

const withId = (type: TypeInput, id: number): BtfType => ({ ...type, id: id as TypeId }) as BtfType

describe('encodeBtf', () => {
  it('writes header, records and strings as the kernel documents them', () => {
    expect(toHex(encodeBtf([int]))).toBe(
      [
        '9feb0100' + '18000000', // magic, version 1, no flags, header of 24 bytes
        '00000000' + '10000000', // types: 16 bytes at 0
        '10000000' + '05000000', // strings: 5 bytes at 16
        '01000000' + '00000001' + '04000000' + '20000001', // name 1, kind 1, 4 bytes, signed, 32 bits
        '00' + '696e7400',
      ].join(''),
    )
  })

  it('writes big-endian BTF', () => {
    expect(toHex(encodeBtf([int], { littleEndian: false }))).toBe(
      [
        'eb9f0100' + '00000018',
        '00000000' + '00000010',
        '00000010' + '00000005',
        '00000001' + '01000000' + '00000004' + '01000020',
        '00' + '696e7400',
      ].join(''),
    )
  })

  it('writes nothing but a header and the empty string when there are no types', () => {
    expect(parseBtf(encodeBtf([])).endId).toBe(1)
  })

  it('comes back equal from the parser, in either byte order, with and without a layout table', () => {
    fc.assert(
      fc.property(anyTypes(), fc.boolean(), fc.boolean(), (types, littleEndian, layout) => {
        const btf = parseBtf(encodeBtf(types, { littleEndian, layout }))
        expect(btf.littleEndian).toBe(littleEndian)
        expect(typesOf(btf)).toEqual(types)
      }),
    )
  })

  it('goes on from a base, reusing its strings', () => {
    const base = parseBtf(encodeBtf([int, { kind: 'struct', name: 'task', size: 0, members: [] }]))
    const middle = parseBtf(encodeBtf([{ kind: 'typedef', name: 'task', type: 2 as TypeId }], { base }), { base })
    const bytes = encodeBtf([{ kind: 'typedef', name: 'mine', type: 3 as TypeId }], { base: middle })
    const split = parseBtf(bytes, { base: middle })
    expect(split.type(4)).toEqual({ kind: 'typedef', id: 4, name: 'mine', type: 3 })
    expect(middle.nameOf(3)).toBe('task')
    expect(middle.strings.end - middle.strings.start).toBe(0)
    expect(split.strings.end - split.strings.start).toBe('mine\0'.length)
  })

  it('round-trips split BTF whose types refer to the base', () => {
    fc.assert(
      fc.property(anyTypes(), fc.boolean(), (baseTypes, littleEndian) => {
        const base = parseBtf(encodeBtf(baseTypes, { littleEndian }))
        fc.assert(
          fc.property(anyTypes(base.endId, 6), types => {
            const split = parseBtf(encodeBtf(types, { base }), { base })
            expect(split.startId).toBe(base.endId)
            expect(typesOf(split)).toEqual(types)
          }),
          { numRuns: 5 },
        )
      }),
      { numRuns: 20 },
    )
  })

  it.each<[string, TypeInput, string]>([
    ['a width', { ...int, kind: 'int', name: 'wide', size: 64 }, 'BTF type 1: width in bits 512 is not between 0 and 255'],
    ['a size', { kind: 'float', size: -1 }, 'BTF type 1: size or type id -1 is not between 0 and 4294967295'],
    ['a name', { kind: 'fwd', of: 'struct', name: 'a\0b' }, 'the name "a\\u0000b" contains a NUL character'],
    [
      'an enumerator',
      { kind: 'enum', size: 4, signed: false, values: [{ name: 'A', value: 2n ** 32n }] },
      'value 4294967296 does not fit in 32 bits',
    ],
    ['a reference', { kind: 'ptr', type: 2 as TypeId }, 'BTF type 1: refers to type 2, but the last id is 1'],
  ])('refuses %s that BTF cannot express', (_, type, message) => {
    expect(() => encodeBtf([type])).toThrow(BtfBuildError)
    expect(() => encodeBtf([type])).toThrow(message)
  })
})

describe('BtfBuilder', () => {
  it('gives ids in order, and reserves them for types that refer to each other', () => {
    const builder = new BtfBuilder()
    const node = builder.reserve()
    const pointer = builder.add({ kind: 'ptr', type: node })
    const struct: TypeInput = {
      kind: 'struct',
      name: 'node',
      size: 8,
      members: [{ name: 'next', type: pointer, bitOffset: 0, bitSize: 0 }],
    }
    builder.set(node, struct)
    const btf = parseBtf(builder.toBytes())
    expect([node, pointer, builder.nextId]).toEqual([1, 2, 3])
    expect(btf.type(1)).toEqual(withId(struct, 1))
  })

  it('says which reserved id was forgotten', () => {
    const builder = new BtfBuilder()
    builder.reserve()
    expect(() => builder.toBytes()).toThrow('BTF type 1: reserved but never set')
    expect(() => builder.set(2 as TypeId, int)).toThrow('BTF type 2: no such type in this builder')
  })
})
