import fc from 'fast-check'
import { expect, it } from 'vitest'
import { BtfBuilder } from './builder'
import { encodeBtfExt, mapBtfExt } from './ext-encode'
import { parseBtf } from './parse'
import { parseBtfExt } from './parse-ext'
import type { BtfExt, TypeId } from './types'

const word = fc.nat({ max: 0xffffffff })
const typeId = fc.constantFrom(0 as TypeId, 1 as TypeId)
const bySection = <T>(record: fc.Arbitrary<T>): fc.Arbitrary<ReadonlyMap<string, readonly T[]>> =>
  fc
    .uniqueArray(fc.constantFrom('.text', 'kprobe/do_unlinkat', 'xdp'))
    .chain(names => fc.tuple(...names.map(name => fc.tuple(fc.constant(name), fc.array(record, { minLength: 1, maxLength: 4 })))))
    .map(entries => new Map(entries))

const anyExt: fc.Arbitrary<BtfExt> = fc.record({
  funcInfo: bySection(fc.record({ offset: word, typeId })),
  lineInfo: bySection(
    fc.record({
      offset: word,
      fileNameOffset: word,
      lineOffset: word,
      line: fc.nat({ max: 0x3fffff }),
      column: fc.nat({ max: 0x3ff }),
    }),
  ),
  coreRelocations: bySection(fc.record({ offset: word, typeId, access: fc.constantFrom('0', '0:1:2'), kind: fc.nat({ max: 12 }) })),
})

it('comes back equal from the parser, in either byte order', () => {
  fc.assert(
    fc.property(anyExt, fc.boolean(), (ext, littleEndian) => {
      const builder = new BtfBuilder({ littleEndian })
      builder.add({ kind: 'float', name: 'double', size: 8 })
      const bytes = encodeBtfExt(ext, builder)
      expect(parseBtfExt(bytes, { btf: parseBtf(builder.toBytes()) })).toEqual(ext)
    }),
  )
})

it('maps every type id and string offset', () => {
  const ext: BtfExt = {
    funcInfo: new Map([['xdp', [{ offset: 0, typeId: 1 as TypeId }]]]),
    lineInfo: new Map([['xdp', [{ offset: 8, fileNameOffset: 1, lineOffset: 5, line: 3, column: 2 }]]]),
    coreRelocations: new Map([['xdp', [{ offset: 16, typeId: 2 as TypeId, access: '0:1', kind: 0 }]]]),
  }
  expect(
    mapBtfExt(
      ext,
      id => (id + 10) as TypeId,
      offset => offset + 100,
    ),
  ).toEqual({
    funcInfo: new Map([['xdp', [{ offset: 0, typeId: 11 }]]]),
    lineInfo: new Map([['xdp', [{ offset: 8, fileNameOffset: 101, lineOffset: 105, line: 3, column: 2 }]]]),
    coreRelocations: new Map([['xdp', [{ offset: 16, typeId: 12, access: '0:1', kind: 0 }]]]),
  })
})
