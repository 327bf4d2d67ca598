import { readFixture } from '@bpf/fixtures'
import { describe, expect, it } from 'vitest'
import { encodeBtf } from './encode'
import { parseBtf } from './parse'
import { resolve, skipModifiers } from './resolve'
import { alignOf, sizeOf } from './size'
import type { TypeInput } from './type-input'
import type { Btf, TypeId } from './types'

const id = (number: number): TypeId => number as TypeId
const types = parseBtf(await readFixture('btf/types.btf'))
const parse = (...inputs: TypeInput[]): Btf => parseBtf(encodeBtf(inputs))
const composite = (name: string): number => types.idsByName(name, 'struct', 'union')[0] ?? 0

const int: TypeInput = { kind: 'int', name: 'int', size: 4, encoding: { signed: true } }
const array = (type: number, length: number): TypeInput => ({ kind: 'array', type: id(type), indexType: id(1), length })

describe('sizeOf', () => {
  it.each([
    ['tree', 16],
    ['declarators', 192],
    ['bitfields', 24],
    ['bitfields_packed', 12],
    ['holes', 32],
    ['packed', 11],
    ['padded', 32],
    ['large', 48],
    ['empty', 0],
  ])('%s', (name, size) => {
    expect(sizeOf(types, composite(name))).toBe(size)
  })

  it('goes through typedefs, qualifiers, tags, variables and arrays of arrays', () => {
    const btf = parse(
      int,
      array(1, 3),
      array(2, 5),
      { kind: 'const', type: id(3) },
      { kind: 'typedef', name: 't', type: id(4) },
      { kind: 'var', name: 'v', type: id(5), linkage: 'global' },
      { kind: 'declTag', name: 'tag', type: id(6), componentIndex: -1 },
    )
    expect(sizeOf(btf, 7)).toBe(60)
  })

  it('of a pointer is that of long', () => {
    expect(sizeOf(parse({ kind: 'ptr', type: id(0) }), 1)).toBe(8)
    expect(sizeOf(parse({ kind: 'ptr', type: id(0) }, { kind: 'int', name: 'long int', size: 4 }), 1)).toBe(4)
  })

  it.each<[string, TypeInput]>([
    ['void', { kind: 'const', type: id(0) }],
    ['a function', { kind: 'func', name: 'f', type: id(1), linkage: 'static' }],
    ['a declaration', { kind: 'fwd', name: 's', of: 'struct' }],
  ])('%s has none', (_, input) => {
    const btf = parse({ kind: 'funcProto', returnType: id(0), params: [] }, input)
    expect(() => sizeOf(btf, 2)).toThrow(expect.objectContaining({ code: 'ERR_BPF_BTF_NO_SIZE' }))
  })

  it('past 4 GiB is refused, whatever the factors', () => {
    const btf = parse(int, array(1, 0xffffffff), array(2, 0xffffffff), array(3, 0xffffffff), array(4, 0))
    for (const type of [2, 3, 4]) expect(() => sizeOf(btf, type)).toThrow(/larger than 4 GiB/)
    expect(sizeOf(btf, 5)).toBe(0)
  })
})

describe('alignOf', () => {
  it.each([
    ['tree', 8],
    ['bitfields', 8],
    ['packed', 1],
    ['packed_aligned', 1],
    ['large', 16],
    ['large_off_place', 1],
    ['empty', 1],
    ['nested', 8],
  ])('%s, as far as the layout tells', (name, alignment) => {
    expect(alignOf(types, composite(name))).toBe(alignment)
  })
})

describe('loops end in an error', () => {
  const cycle = (code: string) => expect.objectContaining({ code })

  it('of typedefs', () => {
    const btf = parse({ kind: 'typedef', name: 'a', type: id(2) }, { kind: 'const', type: id(1) })
    for (const ask of [resolve, skipModifiers, sizeOf, alignOf]) {
      if (ask !== skipModifiers) expect(() => ask(btf, 1)).toThrow(cycle('ERR_BPF_BTF_CYCLE'))
    }
    expect(skipModifiers(btf, 2).kind).toBe('typedef')
  })

  it('of qualifiers', () => {
    expect(() => skipModifiers(parse({ kind: 'const', type: id(1) }), 1)).toThrow(cycle('ERR_BPF_BTF_CYCLE'))
  })

  it('of structs and arrays', () => {
    const member = { name: 'self', type: id(2), bitOffset: 0, bitSize: 0 }
    const btf = parse(int, array(3, 1), { kind: 'struct', name: 's', size: 4, members: [member] })
    expect(sizeOf(btf, 3)).toBe(4)
    expect(() => alignOf(btf, 3)).toThrow(cycle('ERR_BPF_BTF_CYCLE'))
  })

  it('and structs that hold the next one twice are not asked twice', () => {
    const twice = (type: number): TypeInput => {
      const member = { name: '', type: id(type), bitOffset: 0, bitSize: 0 }
      return { kind: 'union', size: 4, members: [member, member] }
    }
    const depth = 60
    const btf = parse(int, ...Array.from({ length: depth }, (_, index) => twice(index + 1)))
    expect(alignOf(btf, depth + 1)).toBe(4)
  })
})

describe('resolve', () => {
  const btf = parse(int, { kind: 'const', type: id(1) }, { kind: 'typedef', name: 't', type: id(2) }, { kind: 'volatile', type: id(3) })

  it('skips typedefs and qualifiers', () => {
    expect(resolve(btf, 4)).toBe(btf.type(1))
  })

  it('skipModifiers leaves typedefs', () => {
    expect(skipModifiers(btf, 4)).toBe(btf.type(3))
  })
})
