import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeText, encodeText, wellFormed, writeText } from './text'

it.each([
  ['plain', [0x61, 0x62], 'ab'],
  ['two, three and four bytes', [0xc3, 0xbc, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x90, 0x9d], 'ü€🐝'],
  ['a byte order mark', [0xef, 0xbb, 0xbf, 0x61], '\ufeffa'],
  ['a stray continuation byte', [0x61, 0x80, 0x62], 'a\udc80b'],
  ['a sequence that is cut', [0xe2, 0x82], '\udce2\udc82'],
  ['a sequence longer than need be', [0xc0, 0xaf], '\udcc0\udcaf'],
  ['U+FFFD itself, beside a stray byte', [0xef, 0xbf, 0xbd, 0xff], '\ufffd\udcff'],
  ['what is past the last code point', [0xf4, 0x90, 0x80, 0x80], '\udcf4\udc90\udc80\udc80'],
  ['an encoded surrogate', [0xed, 0xb2, 0x80], '\udced\udcb2\udc80'],
])('decodes %s', (_, bytes, text) => {
  expect(decodeText(Uint8Array.from(bytes))).toBe(text)
  expect([...encodeText(text)]).toEqual(bytes)
})

it('decodes text that is UTF-8 as everybody does', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      const bytes = new TextEncoder().encode(text)
      expect(decodeText(bytes)).toBe(text)
      expect(decodeText(Uint8Array.of(...bytes, 0xff))).toBe(`${text}\udcff`)
    }),
  )
})

it('loses no byte', () => {
  fc.assert(
    fc.property(fc.uint8Array(), bytes => {
      const text = decodeText(bytes)
      const target = new Uint8Array(bytes.length)
      expect(encodeText(text)).toEqual(bytes)
      expect(writeText(text, new DataView(target.buffer), 0, target.length)).toBe(true)
      expect(target).toEqual(bytes)
    }),
  )
})

it('says when there is no room', () => {
  const view = new DataView(new ArrayBuffer(4))
  expect(writeText('abc', view, 1, 2)).toBe(false)
  expect(writeText('ü', view, 1, 1)).toBe(false)
  expect(writeText('ab\udcff', view, 1, 2)).toBe(false)
  expect(view.getUint8(3)).toBe(0)
})

it('shows escaped bytes as U+FFFD to others', () => {
  expect(wellFormed('a\udcff🐝')).toBe('a\ufffd🐝')
})
