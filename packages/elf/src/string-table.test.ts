import { describe, expect, it } from 'vitest'
import { StringTable } from './string-table'

const table = (text: string) => new StringTable(new TextEncoder().encode(text), '.strtab', 0x100)

describe('StringTable', () => {
  it('gives the text up to the next NUL, from any offset', () => {
    const strings = table('\0first\0second\0')
    expect([0, 1, 3, 7, 13].map(offset => strings.get(offset))).toEqual(['', 'first', 'rst', 'second', ''])
  })

  it('reads UTF-8, whose offsets are bytes', () => {
    const strings = table('\0größe\0next\0')
    expect([1, 9].map(offset => strings.get(offset))).toEqual(['größe', 'next'])
  })

  it('compares without decoding', () => {
    const name = new TextEncoder().encode('memcpy')
    const strings = table('memcpy@V\0memcpy\0memcpy2\0memc')
    expect([0, 9, 16, 24, 99].map(offset => strings.starts(offset, name, [0, 0x40]))).toEqual([true, true, false, false, false])
  })

  it('says where in the file a bad offset or a missing NUL is', () => {
    expect(() => table('abc\0').get(4)).toThrow(expect.objectContaining({ code: 'ERR_BPF_ELF_STRING', section: '.strtab', offset: 0x104 }))
    expect(() => table('a\0bc').get(2)).toThrow('name at 0x2 of .strtab has no terminating NUL')
    expect(new StringTable(new Uint8Array(), '.strtab', 0).get(0)).toBe('')
  })

  it.each(['a', 'ä'])('stops when a hostile table makes many long names overlap', letter => {
    const strings = table(`${letter.repeat(200_000)}\0`)
    expect(() => {
      for (let offset = 0; offset < 200_000; offset++) strings.get(offset)
    }).toThrow('long names of .strtab overlap beyond reason')
  })
})
