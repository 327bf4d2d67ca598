import { readFixture } from '@bpf/fixtures'
import { describe, expect, it } from 'vitest'
import { encodeBtf } from './encode'
import { BtfError } from './errors'
import { parseBtf } from './parse'
import { parseBtfExt } from './parse-ext'
import { CoreKind } from './types'

const btf = parseBtf(await readFixture('btf/records.btf'))
const bytes = await readFixture('btf/records.btf-ext')
const bigBtf = parseBtf(await readFixture('btf/records-be.btf'))
const bigBytes = await readFixture('btf/records-be.btf-ext')

describe('what a compiler wrote', () => {
  const ext = parseBtfExt(bytes, { btf })

  it('says where functions begin, by ELF section', () => {
    expect([...ext.funcInfo.keys()]).toEqual(['one', 'two'])
    expect(ext.funcInfo.get('two')?.map(({ offset, typeId }) => [offset, btf.nameOf(typeId)])).toEqual([
      [0x00, 'questions'],
      [0x50, 'again'],
    ])
  })

  it('says which line an instruction is of', () => {
    const lines = ext.lineInfo.get('one')
    expect(lines?.[0]).toMatchObject({ offset: 0, column: expect.any(Number) })
    expect(lines?.map(({ fileNameOffset }) => btf.string(fileNameOffset))).toEqual(lines?.map(() => './records.c'))
    expect(btf.string(lines?.[0]?.lineOffset ?? 0).trim()).toBe('return outer->inner.values[2];')
    expect(lines?.[0]?.line).toBeGreaterThan(10)
  })

  it('says what to relocate for the running kernel', () => {
    const readable = (section: string) =>
      ext.coreRelocations.get(section)?.map(({ offset, kind, typeId, access }) => [offset, kind, btf.nameOf(typeId), access])
    expect(readable('one')).toEqual([[0x00, CoreKind.FieldByteOffset, 'outer', '0:1:1:0:2']])
    expect(readable('two')).toEqual([
      [0x00, CoreKind.FieldExists, 'outer', '0:2'],
      [0x08, CoreKind.TypeSize, 'inner', '0'],
      [0x18, CoreKind.EnumvalValue, 'choice', '1'],
      [0x30, CoreKind.TypeIdLocal, 'inner', '0'],
      [0x50, CoreKind.FieldByteOffset, 'outer', '0:1:0'],
    ])
  })

  it('is the same in either byte order', () => {
    const big = parseBtfExt(bigBytes, { btf: bigBtf })
    expect(big.funcInfo).toEqual(ext.funcInfo)
    expect(big.lineInfo).toEqual(ext.lineInfo)
    expect(big.coreRelocations.get('two')).toEqual(ext.coreRelocations.get('two'))
  })
})

/** BTF.ext with one function table; `words` follow the record size. */
function withFunctions(recordSize: number, words: number[], headerSize = 24): Uint8Array {
  const out = new Uint8Array(headerSize + 4 + words.length * 4)
  const view = new DataView(out.buffer)
  const header = [0x0001eb9f, headerSize, 0, 4 + words.length * 4]
  for (const [index, word] of [...header].entries()) view.setUint32(index * 4, word, true)
  for (const [index, word] of [recordSize, ...words].entries()) view.setUint32(headerSize + index * 4, word, true)
  return out
}

const one = parseBtf(encodeBtf([{ kind: 'float', name: 'text', size: 4 }]))
const parseOne = (ext: Uint8Array) => parseBtfExt(ext, { btf: one, context: 'section .BTF.ext' })

describe('versions', () => {
  it('records may be longer than known, their tails are skipped', () => {
    const ext = parseOne(withFunctions(16, [1, 2, 0, 1, 77, 78, 8, 1, 79, 80]))
    expect(ext.funcInfo.get('text')).toEqual([
      { offset: 0, typeId: 1 },
      { offset: 8, typeId: 1 },
    ])
  })

  it('the header may be longer, or without CO-RE records', () => {
    expect(parseOne(withFunctions(8, [1, 1, 0, 1], 40)).funcInfo.get('text')).toHaveLength(1)
    expect(parseOne(withFunctions(8, [1, 1, 0, 1])).coreRelocations.size).toBe(0)
  })

  it('a section may come twice', () => {
    expect(parseOne(withFunctions(8, [1, 1, 0, 1, 1, 1, 8, 1])).funcInfo.get('text')).toHaveLength(2)
  })
})

describe('damage', () => {
  const cases: readonly [string, Uint8Array, RegExp][] = [
    ['nothing at all', new Uint8Array(), /not BTF.ext/],
    ['half a header', bytes.subarray(0, 20), /header needs 24 bytes/],
    ['another version', withFunctions(8, []).fill(2, 2, 3), /version 2/],
    ['flags', withFunctions(8, []).fill(1, 3, 4), /flags 0x1 are not supported/],
    ['another byte order', bigBytes, /byte order is not that of the BTF/],
    ['a table past the end', withFunctions(8, [1, 1, 0, 1]).subarray(0, 30), /func_info table is past the end/],
    ['a table that is not aligned', withFunctions(8, [1, 1, 0, 1, 0]).fill(2, 8, 9).fill(20, 12, 13), /func_info table is not aligned/],
    ['no records of a section', withFunctions(8, [1, 0]), /func_info table has no records of "text"/],
    ['records shorter than the first version', withFunctions(4, [1, 1, 0, 1]), /func_info record size 4/],
    ['records of odd size', withFunctions(10, [1, 1, 0, 1]), /func_info record size 10/],
    ['half a section header', withFunctions(8, [1]), /ends inside a section header/],
    ['more records than there is room for', withFunctions(8, [1, 0xffffffff, 0, 1]), /no room for 4294967295 records of "text"/],
    ['a type that does not exist', withFunctions(8, [1, 1, 0, 2]), /type 2, which does not exist/],
    ['a name outside the strings', withFunctions(8, [99, 1, 0, 1]), /string offset 99/],
  ]

  it.each(cases)('%s', (_, ext, message) => {
    expect(() => parseOne(ext)).toThrow(message)
    expect(() => parseOne(ext)).toThrow(BtfError)
  })
})
