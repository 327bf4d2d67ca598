import { describe, expect, it } from 'vitest'
import { CodeSizeError, programDigest, programTag, setImm, setImm64, swapCode } from './index'

const code = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], byte => Number.parseInt(byte, 16))

/** Programs end with `r0 = 0; exit`; the tags are what Linux 6.18 reported after loading them. */
const end = 'b700000000000000' + '9500000000000000'
const loaded = {
  'nothing else': { code: end, tag: '59f4a931744dcdc6' },
  'a map': { code: `18110000030000000000000000000000${end}`, tag: '0bd0168676c7c779' },
  'the same map with another descriptor': { code: `18110000190000000000000000000000${end}`, tag: '0bd0168676c7c779' },
  'a map value': { code: `18210000030000000000000008000000${end}`, tag: '28813e616f1f93d1' },
  'another offset in another map': { code: `18210000190000000000000010000000${end}`, tag: '28813e616f1f93d1' },
  'a map by index': { code: `18510000010000000000000000000000${end}`, tag: 'a21f8a2c54979fac' },
  'a map value by index': { code: `18610000010000000000000008000000${end}`, tag: '114c5c0d091c4cb6' },
  'a 64-bit number': { code: `180100000500000000000000ffffffff${end}`, tag: '4650b230d64dd7a3' },
  'a call of a function': { code: `85100000010000009500000000000000${end}`, tag: '7ed397078be9b1e7' },
}

describe('programTag', () => {
  for (const [title, program] of Object.entries(loaded)) {
    it(`of a program with ${title}`, () => {
      expect(programTag(code(program.code), { littleEndian: true })).toBe(program.tag)
    })
  }

  it('before Linux 6.18 is made of SHA-1', () => {
    const tags = { b700000000000000: 'a04f5eef06a7f555', b700000001000000: '57cd311f2e27366b', b700000002000000: '3b185187f1855c4c' }
    for (const [move, tag] of Object.entries(tags)) {
      expect(programTag(code(`${move}9500000000000000`), { littleEndian: true, hash: 'sha1' })).toBe(tag)
    }
  })

  it('ignores map descriptors in big-endian code too, and leaves the code as it was', () => {
    const program = swapCode(code(loaded['a map value'].code))
    const before = program.slice()
    const other = program.slice()
    setImm64(other, 0, 77n, false)
    const options = { littleEndian: false }
    expect(programTag(other, options)).toBe(programTag(program, options))
    expect(program).toEqual(before)
    setImm(other, 2, 1, false)
    expect(programTag(other, options)).not.toBe(programTag(program, options))
  })

  it('copes with code that no kernel would take', () => {
    expect(programTag(code('1811000003000000'), { littleEndian: true })).toHaveLength(16)
    expect(programTag(new Uint8Array(), { littleEndian: true })).toBe('e3b0c44298fc1c14')
    expect(() => programTag(new Uint8Array(7), { littleEndian: true })).toThrow(CodeSizeError)
  })
})

describe('programDigest', () => {
  it('is the whole hash that the tag is the beginning of', () => {
    const digest = programDigest(code(end), true)
    expect(digest).toHaveLength(32)
    expect([...digest].map(byte => byte.toString(16).padStart(2, '0')).join('')).toMatch(/^59f4a931744dcdc6/)
  })
})
