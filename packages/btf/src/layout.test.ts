import { readFixture } from '@bpf/fixtures'
import { describe, expect, it } from 'vitest'
import { encodeBtf } from './encode'
import { type LayoutRow, layoutOf } from './layout'
import { parseBtf } from './parse'
import type { TypeInput } from './type-input'
import type { TypeId } from './types'

const btf = parseBtf(await readFixture('btf/types.btf'))

/** `offset size  declaration`, indented by depth, as a listing shows it. */
function line(row: LayoutRow): string {
  const indent = '  '.repeat(row.depth)
  if (row.kind !== 'member') return `${indent}${row.bitOffset / 8} ${row.bitSize / 8} ${row.kind}`
  const bits = row.bits === undefined ? '' : `:${row.bits.offset}`
  return `${indent}${row.offset}${bits} ${row.size} ${row.declaration}`
}

function listing(name: string): string[] {
  const layout = layoutOf(btf, btf.idsByName(name, 'struct', 'union')[0] ?? 0)
  return [`${layout.kind} ${layout.name} ${layout.size} ${layout.alignment}`, ...layout.rows.map(line)]
}

describe('layoutOf', () => {
  it('shows holes, padding, and what anonymous structs hold', () => {
    expect(listing('holes')).toEqual([
      'struct holes 32 8',
      '0 1 char a',
      '1 7 hole',
      '8 8 long b',
      '16 2 short c',
      '18 2 hole',
      '20 8 struct {...}',
      '  20 1 char d',
      '  21 3 hole',
      '  24 4 int e',
      '28 1 char f',
      '29 3 padding',
    ])
  })

  it('shows bitfields by storage unit', () => {
    expect(listing('bitfields')).toEqual([
      'struct bitfields 24 8',
      '0 1 u8 first',
      '0:8 4 u32 a:3',
      '0:11 4 u32 b:5',
      '2 0.875 hole',
      '0:23 4 u32 c:9',
      '4 2 u16 d',
      '6 2 hole',
      '8:0 8 u64 e:33',
      '8:33 8 u64 f:31',
      '16:0 4 int negative:4',
      '16:4 1 _Bool flag:1',
      '16:5 4 enum color color:3',
      '17 3 hole',
      '20:0 4 u32 g:1',
      '20.125 3.875 padding',
    ])
  })

  it('shows unions', () => {
    expect(listing('padded')).toEqual(['union padded 32 4', '0 4 int a', '0 5 char b[5]', '5 27 padding'])
  })

  it('is of structs and unions only', () => {
    expect(() => layoutOf(btf, btf.idsByName('u32')[0] ?? 0)).toThrow(/\(int unsigned int\) has no layout: it is no struct or union/)
  })

  it('has an end, even where anonymous structs multiply', () => {
    const twice = (type: number): TypeInput => {
      const member = { name: '', type: type as TypeId, bitOffset: 0, bitSize: 0 }
      return { kind: 'union', size: 4, members: [member, member] }
    }
    const bomb = parseBtf(encodeBtf([{ kind: 'int', name: 'int', size: 4 }, ...Array.from({ length: 40 }, (_, index) => twice(index + 1))]))
    expect(() => layoutOf(bomb, 41)).toThrow(/more than 8196 rows/)
  })
})
