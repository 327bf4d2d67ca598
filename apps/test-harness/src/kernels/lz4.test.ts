import { describe, expect, it } from 'vitest'
import { unpackLz4 } from './lz4'

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const ascii = (letters: string) => Array.from(letters, letter => letter.charCodeAt(0))
const frame = (...blocks: readonly (readonly number[])[]) =>
  Uint8Array.from([0x02, 0x21, 0x4c, 0x18, ...blocks.flatMap(block => [block.length, 0, 0, 0, ...block])])

describe('LZ4', () => {
  it('copies literals, and what was there before, also as it comes to be', () => {
    // Three letters, then six more from three back, then the last literals.
    expect(text(unpackLz4(frame([0x32, ...ascii('abc'), 3, 0, 0x20, ...ascii('yz')])))).toBe('abcabcabcyz')
  })

  it('goes on with long lengths, and with the next block', () => {
    const long = frame([0x1f, ...ascii('a'), 1, 0, 255, 1, 0x10, ...ascii('b')], [0x10, ...ascii('c')])
    expect(text(unpackLz4(long))).toBe(`${'a'.repeat(1 + 15 + 255 + 1 + 4)}bc`)
  })

  it.each([
    ['a block past the end', frame([0x10, 97]).subarray(0, 9)],
    ['a match from before the start', frame([0x10, 97, 9, 0])],
    ['a match without a distance', frame([0x10, 97, 9])],
  ])('refuses %s', (_, bytes) => {
    expect(() => unpackLz4(bytes)).toThrow(RangeError)
  })
})
