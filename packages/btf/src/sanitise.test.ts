import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeBtf } from './encode'
import { parseBtf } from './parse'
import { type BtfFeatures, sanitiseBtf } from './sanitise'
import { anyTypes } from './testing/type-graphs'
import type { TypeInput } from './type-input'
import type { TypeId } from './types'

const id = (n: number): TypeId => n as TypeId

const newest: BtfFeatures = {
  func: true,
  globalFunc: true,
  datasec: true,
  float: true,
  declTag: true,
  typeTag: true,
  enum64: true,
  questionMarkDatasec: true,
  layout: true,
}
const oldest = Object.fromEntries(Object.keys(newest).map(name => [name, false])) as unknown as BtfFeatures

const program: readonly TypeInput[] = [
  { kind: 'int', name: 'int', size: 4, encoding: { signed: true } },
  { kind: 'var', name: 'main.count', type: id(1), linkage: 'static' },
  { kind: 'datasec', name: '?.data.x', size: 8, variables: [{ type: id(2), offset: 4, size: 4 }] },
  { kind: 'funcProto', returnType: id(1), params: [{ name: '', type: id(1) }] },
  { kind: 'func', name: 'main', type: id(4), linkage: 'global' },
  { kind: 'float', name: 'double', size: 8 },
  { kind: 'declTag', name: 'user', type: id(5), componentIndex: 0 },
  { kind: 'typeTag', name: 'rcu', type: id(1) },
  { kind: 'enum', name: 'e', size: 4, signed: true, values: [{ name: 'MINUS', value: -1n }] },
  { kind: 'enum64', name: 'big', size: 8, signed: false, values: [{ name: 'HUGE', value: 2n ** 63n }] },
]

/** What becomes of each type, and the report. */
function sanitised(features: BtfFeatures): { types: object[]; changes: readonly string[] } {
  const { bytes, changes } = sanitiseBtf(parseBtf(encodeBtf(program)), features)
  const btf = parseBtf(bytes)
  return { types: Array.from({ length: btf.endId - 1 }, (_, index) => btf.type(index + 1)), changes }
}

describe('sanitiseBtf', () => {
  it('returns the same bytes to a kernel that knows everything', () => {
    const bytes = encodeBtf(program, { layout: true })
    const result = sanitiseBtf(parseBtf(bytes), newest)
    expect(result.bytes).toBe(bytes)
    expect(result.changes).toEqual([])
  })

  it.each<[keyof BtfFeatures, Record<number, object>, string[]]>([
    [
      'datasec',
      {
        2: { kind: 'int', name: 'main.count', size: 1, bits: 8 },
        3: { kind: 'struct', name: '__data_x', size: 8, members: [{ name: 'main_count', type: 2, bitOffset: 32, bitSize: 0 }] },
      },
      ['type 2 var "main.count" becomes an int', 'type 3 datasec "?.data.x" becomes a struct'],
    ],
    ['questionMarkDatasec', { 3: { kind: 'datasec', name: '_.data.x' } }, ['type 3 datasec "?.data.x" loses its question mark']],
    [
      'func',
      { 4: { kind: 'enum', size: 4, values: [] }, 5: { kind: 'typedef', name: 'main', type: 4 } },
      ['type 4 funcProto becomes an enum', 'type 5 func "main" becomes a typedef'],
    ],
    ['globalFunc', { 5: { kind: 'func', name: 'main', linkage: 'static' } }, ['type 5 func "main" becomes static']],
    ['float', { 6: { kind: 'struct', name: '', size: 8, members: [] } }, ['type 6 float "double" becomes an empty struct']],
    ['declTag', { 7: { kind: 'int', size: 1 } }, ['type 7 declTag "user" becomes an int']],
    ['typeTag', { 8: { kind: 'const', name: '', type: 1 } }, ['type 8 typeTag "rcu" becomes const']],
    [
      'enum64',
      {
        9: { kind: 'enum', signed: false, values: [{ name: 'MINUS', value: 0xffffffffn }] },
        10: { kind: 'union', name: 'big', size: 8, members: [{ name: 'HUGE', type: 11, bitOffset: 0, bitSize: 0 }] },
        11: { kind: 'int', name: 'enum64_placeholder', size: 1 },
      },
      ['type 9 enum "e" loses its sign flag', 'type 10 enum64 "big" becomes a union'],
    ],
  ])('does without %s', (feature, expected, changes) => {
    const before = sanitised(newest).types
    const after = sanitised({ ...newest, [feature]: false })
    for (const [index, type] of after.types.entries()) expect(type).toMatchObject(expected[index + 1] ?? before[index] ?? {})
    expect(after.changes).toEqual(changes)
  })

  it('cuts the table of record sizes', () => {
    const { bytes, changes } = sanitiseBtf(parseBtf(encodeBtf(program, { layout: true })), { ...newest, layout: false })
    expect(bytes).toEqual(encodeBtf(program))
    expect(changes).toEqual(['the table of record sizes is cut'])
  })

  it('leaves nothing that the oldest kernel does not know, and ids and strings where they are', () => {
    fc.assert(
      fc.property(anyTypes(), fc.boolean(), (types, littleEndian) => {
        const small = types.map(type =>
          type.kind === 'datasec' ? { ...type, variables: type.variables.map(v => ({ ...v, offset: 0 })) } : type,
        )
        const before = parseBtf(encodeBtf(small, { littleEndian, layout: true }))
        const after = parseBtf(sanitiseBtf(before, oldest).bytes)
        for (let offset = 0; offset < before.strings.end; offset++) expect(after.string(offset)).toBe(before.string(offset))
        for (let n = 1; n < after.endId; n++) expect(knownToLinux418).toContain(after.type(n).kind)
        expect(after.endId - before.endId).toBeLessThanOrEqual(1)
      }),
    )
  })
})

const knownToLinux418 = ['int', 'ptr', 'array', 'struct', 'union', 'enum', 'fwd', 'typedef', 'volatile', 'const', 'restrict']
