import { describe, expect, it } from 'vitest'
import { BtfBuilder } from '../builder'
import { parseBtf } from '../parse'
import { bool, char, color, s32, u8, u32, u64 } from '../testing/codec-of'
import type { TypeId } from '../types'
import { asTypescriptName, quoteTypescript, TypescriptTypes } from './typescript'

const byte = 8
const member = (name: string, type: TypeId, offset: number) => ({ name, type, bitOffset: offset * byte, bitSize: 0 })

function typesOf(build: (btf: BtfBuilder) => readonly TypeId[], reserved: readonly string[] = []) {
  const builder = new BtfBuilder()
  const ids = build(builder)
  const types = new TypescriptTypes(parseBtf(builder.toBytes()), reserved)
  return { values: ids.map(id => types.valueOf(id)?.type), declarations: types.declarations }
}

const arrayOf = (btf: BtfBuilder, type: TypeId, length: number) => btf.add({ kind: 'array', type, indexType: u32.add(btf), length })

describe('TypescriptTypes', () => {
  it('says what the codec makes of scalars and arrays', () => {
    const { values } = typesOf(btf => [
      s32.add(btf),
      u64.add(btf),
      bool.add(btf),
      char.add(btf),
      arrayOf(btf, char.add(btf), 16),
      arrayOf(btf, u8.add(btf), 16),
      arrayOf(btf, arrayOf(btf, u64.add(btf), 2), 2),
    ])
    expect(values).toEqual(['number', 'bigint', 'boolean', 'string', 'string', 'Uint8Array', 'readonly (readonly bigint[])[]'])
  })

  it('declares what has a name once, and writes the rest where it is used', () => {
    const { values, declarations } = typesOf(btf => {
      const anonymous = btf.add({ kind: 'struct', name: '', size: 4, members: [member('low', u32.add(btf), 0)] })
      const paint = btf.add({
        kind: 'struct',
        name: 'paint_job',
        size: 8,
        members: [member('color', color.add(btf), 0), member('inner', anonymous, 4)],
      })
      return [paint, arrayOf(btf, paint, 2)]
    })
    expect(values).toEqual(['PaintJob', 'readonly PaintJob[]'])
    expect(declarations.at(-1)).toMatch(
      /^export interface PaintJob \{\n {2}readonly color: .*\n {2}readonly inner: \{\n {4}readonly low: number\n {2}\}\n\}$/,
    )
  })

  it('gives types of one name that differ, and names that are taken, numbers', () => {
    const struct = (btf: BtfBuilder, name: string, field: string) =>
      btf.add({ kind: 'struct', name, size: 4, members: [member(field, u32.add(btf), 0)] })
    const { values } = typesOf(btf => [struct(btf, 'a', 'x'), struct(btf, 'a', 'y'), struct(btf, 'a', 'x'), struct(btf, 'b', 'x')], ['B'])
    expect(values).toEqual(['A', 'A2', 'A', 'B2'])
  })

  it('has nothing to say of types without values', () => {
    expect(typesOf(btf => [btf.add({ kind: 'fwd', name: 'task', of: 'struct' })])).toEqual({ values: [undefined], declarations: [] })
  })
})

it.each([
  ['exec_event', 'ExecEvent'],
  ['xdp-monitor', 'XdpMonitor'],
  ['__u32', 'U32'],
  ['4in6', 'Type4in6'],
  ['*/ evil()', 'Evil'],
])('asTypescriptName: %s', (name, expected) => {
  expect(asTypescriptName(name)).toBe(expected)
})

it.each([
  ['plain', "'plain'"],
  [`'"`, `'\\'"'`],
  ['\\\n\u2028', String.raw`'\\\n\u2028'`],
])('quoteTypescript: %j', (text, expected) => {
  expect(quoteTypescript(text)).toBe(expected)
})
