import { readFixture } from '@bpf/fixtures'
import { describe, expect, it } from 'vitest'
import { dumpC } from './dump-c'
import { encodeBtf } from './encode'
import { parseBtf } from './parse'
import type { TypeInput } from './type-input'
import type { Btf, TypeId } from './types'

const id = (number: number): TypeId => number as TypeId
const parse = (...inputs: TypeInput[]): Btf => parseBtf(encodeBtf(inputs))
const int: TypeInput = { kind: 'int', name: 'int', size: 4, encoding: { signed: true } }
const pointer = (type: number): TypeInput => ({ kind: 'ptr', type: id(type) })
/** Members of 8 bytes each, as pointers are. */
const struct = (name: string, ...types: number[]): TypeInput => ({
  kind: 'struct',
  name,
  size: types.length * 8,
  members: types.map((type, index) => ({ name: `m${index}`, type: id(type), bitOffset: index * 64, bitSize: 0 })),
})

/** The definitions, a line each. */
function definitions(btf: Btf, ...roots: number[]): string[] {
  const header = dumpC(btf, roots.length > 0 ? { roots } : {})
  const body = header.slice(header.lastIndexOf('#endif\n#endif\n') + 14, header.lastIndexOf('#ifndef BPF_NO_PRESERVE_ACCESS_INDEX'))
  return body
    .split(';\n\n')
    .map(text => text.trim().replaceAll(/\s+/g, ' '))
    .filter(text => text !== '' && !text.startsWith('#ifndef BPF_NO_KFUNC'))
}

describe('a whole header', () => {
  it.each(['types', 'types-be'])('of %s', async name => {
    await expect(dumpC(parseBtf(await readFixture(`btf/${name}.btf`)))).toMatchFileSnapshot('../golden/types.h')
  })
})

describe('order', () => {
  it('defines first what is held by value, and declares only what a prototype mentions', () => {
    const proto: TypeInput = { kind: 'funcProto', returnType: id(0), params: [{ name: 'c', type: id(5) }] }
    const btf = parse(
      int,
      struct('a', 3, 4, 7),
      struct('b', 4),
      pointer(8),
      pointer(9),
      proto,
      pointer(6),
      struct('only_pointed_to'),
      struct('c'),
    )
    expect(definitions(btf)).toEqual([
      'struct b { struct only_pointed_to *m0; }',
      'struct c',
      'struct a { struct b m0; struct only_pointed_to *m1; void (*m2)(struct c *c); }',
      'struct only_pointed_to {}',
      'struct c {}',
    ])
  })

  it('makes a struct whole that only its typedef has mentioned', () => {
    const typedef: TypeInput = { kind: 'typedef', name: 't', type: id(4) }
    expect(definitions(parse(typedef, pointer(1), struct('a', 1, 2), struct('b', 2)))).toEqual([
      'typedef struct b t',
      'struct b { t *m0; }',
      'struct a { t m0; t *m1; }',
    ])
  })

  it('of chosen types and what they need', () => {
    const btf = parse(pointer(0), struct('a', 1), struct('b', 2), struct('c', 3))
    expect(definitions(btf, 3)).toEqual(['struct a { void *m0; }', 'struct b { struct a m0; }'])
  })

  it('has no place for a struct that holds itself', () => {
    expect(() => dumpC(parse(struct('a', 2), struct('b', 1)))).toThrow('type 1 (struct a) cannot be defined in C: it contains itself')
  })
})

describe('names', () => {
  it('are told apart, in the name space that they share', () => {
    const value = (name: string) => [{ name, value: 1n }]
    const enumOf = (name: string, ...names: string[]): TypeInput => ({
      kind: 'enum',
      name,
      size: 4,
      signed: false,
      values: names.flatMap(value),
    })
    const typedef = (name: string): TypeInput => ({ kind: 'typedef', name, type: id(1) })
    const btf = parse(int, struct('x'), struct('x'), enumOf('x', 'x', 'y'), enumOf('', 'y'), typedef('x'), typedef('y'), struct('x___2'))
    expect(definitions(btf)).toEqual([
      'struct x {}',
      'struct x___3 {}',
      'enum x___4 { x___2 = 1, y___2 = 1, }',
      'enum { y___3 = 1, }',
      'typedef int x',
      'typedef int y',
      'struct x___2 {}',
    ])
  })

  it('of a declaration are those of the definition, unless that is of another kind', () => {
    const forward = (name: string, of: 'struct' | 'union'): TypeInput => ({ kind: 'fwd', name, of })
    expect(definitions(parse(forward('a', 'struct'), forward('a', 'union'), struct('a')))).toEqual([
      'struct a',
      'union a___2',
      'struct a {}',
    ])
  })

  it('that C does not have become typedefs, those that the compiler has give way', () => {
    const i64: TypeInput = { kind: 'int', name: 'i64', size: 8, encoding: { signed: true } }
    const list: TypeInput = { kind: 'typedef', name: '__builtin_va_list', type: id(1) }
    expect(definitions(parse(i64, list, struct('s', 2)))).toEqual([
      'typedef signed long long i64',
      'typedef i64 __builtin_va_list___2',
      'struct s { __builtin_va_list___2 m0; }',
    ])
  })
})

it('names the macro against double inclusion', () => {
  expect(dumpC(parse(int), { guard: 'MY_H' })).toMatch(/^#ifndef MY_H\n#define MY_H\n/)
})
