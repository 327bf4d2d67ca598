import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeBtf } from './encode'
import { parseBtf } from './parse'
import { rewriteBtf } from './rewrite'
import { assembleBtf } from './sections'
import { everyType } from './testing/every-type'
import { anyTypes } from './testing/type-graphs'
import type { TypeInput } from './type-input'
import type { TypeId } from './types'

const id = (n: number): TypeId => n as TypeId

const program: TypeInput[] = [
  { kind: 'int', name: 'int', size: 4, encoding: { signed: true } },
  { kind: 'var', name: 'counter', type: id(1), linkage: 'global' },
  { kind: 'datasec', name: '.bss', size: 0, variables: [{ type: id(2), offset: 0, size: 4 }] },
]

const variable = (name: string, type: number): TypeInput => ({ kind: 'var', name, type: id(type), linkage: 'global' })

describe('rewriteBtf', () => {
  it('changes single types and leaves ids and string offsets where they are', () => {
    const btf = parseBtf(encodeBtf(program))
    const bytes = rewriteBtf(
      btf,
      new Map([[3, { kind: 'datasec', name: '.bss.mine', size: 4, variables: [{ type: id(2), offset: 0, size: 4 }] }]]),
    )
    const rewritten = parseBtf(bytes)
    expect(rewritten.type(3)).toEqual({ ...btf.type(3), name: '.bss.mine', size: 4 })
    expect(rewritten.type(2)).toEqual(btf.type(2))
    for (let offset = 0; offset < btf.strings.end; offset++) expect(rewritten.string(offset)).toBe(btf.string(offset))
  })

  it('is the identity when nothing changes', () => {
    fc.assert(
      fc.property(anyTypes(), fc.boolean(), fc.boolean(), (types, littleEndian, layout) => {
        const bytes = encodeBtf(types, { littleEndian, layout })
        expect(rewriteBtf(parseBtf(bytes), new Map())).toEqual(bytes)
      }),
    )
  })

  it('writes the same when every type is encoded anew', () => {
    fc.assert(
      fc.property(anyTypes(), fc.boolean(), (types, littleEndian) => {
        const bytes = encodeBtf(types, { littleEndian })
        const btf = parseBtf(bytes)
        expect(rewriteBtf(btf, everyType(btf))).toEqual(bytes)
      }),
    )
  })

  it('copies kinds that it does not know, as the layout table describes them', () => {
    const layout = Uint8Array.from([...new Uint8Array(80), 4, 0, 0, 0])
    const types = Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 20, 8, 0, 0, 0, 1, 2, 3, 4])
    const bytes = assembleBtf({ types, strings: Uint8Array.of(0), layout }, true)
    expect(rewriteBtf(parseBtf(bytes), new Map())).toEqual(bytes)
  })

  it('cuts the layout table', () => {
    const btf = parseBtf(encodeBtf(program, { layout: true }))
    expect(rewriteBtf(btf, new Map(), { layout: false })).toEqual(encodeBtf(program))
  })

  it('appends types, to which changed ones may refer', () => {
    const btf = parseBtf(encodeBtf(program))
    const pointTo = (type: number) =>
      rewriteBtf(btf, new Map([[2, variable('counter', type)]]), { append: [{ kind: 'float', name: 'double', size: 8 }] })
    expect(parseBtf(pointTo(4)).type(2)).toMatchObject({ type: 4 })
    expect(() => pointTo(5)).toThrow('BTF type 2: refers to type 5, but the last id is 4')
  })

  it('refuses to change what is not there', () => {
    const btf = parseBtf(encodeBtf(program))
    expect(() => rewriteBtf(btf, new Map([[4, variable('counter', 1)]]))).toThrow('BTF type 4: is not a type of this BTF')
  })

  it('rewrites split BTF on the same base', () => {
    const base = parseBtf(encodeBtf(program.slice(0, 1)))
    const split = parseBtf(encodeBtf(program.slice(1), { base }), { base })
    const bytes = rewriteBtf(split, new Map([[2, variable('int', 1)]]))
    expect(bytes.length).toBe(split.bytes.length)
    expect(parseBtf(bytes, { base }).nameOf(2)).toBe('int')
  })
})
