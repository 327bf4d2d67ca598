import { describe, expect, it } from 'vitest'
import { pack } from './build-elf'
import { StringTable } from './string-table'
import { definedVersions, requiredVersions, versionOf } from './versions'

const strings = new StringTable(pack(true, '', 'OLD', 'NEW', 'libc.so.6', 'unused text'), '.dynstr', 0)

describe('versionOf', () => {
  const defined = new Map([
    [1, 'libown.so'],
    [2, 'OWN'],
  ])
  const required = new Map([[3, 'OTHER']])
  const cases: [entry: number, version: string | undefined, isDefault?: boolean][] = [
    [0, undefined],
    [1, undefined],
    [2, 'OWN', true],
    [0x8002, 'OWN', false],
    [3, 'OTHER', false],
    [99, undefined],
  ]

  it.each(cases)('%i is %s', (entry, name, isDefault) => {
    expect(versionOf(entry, defined, required)).toEqual(name === undefined ? undefined : { name, isDefault })
  })
})

describe('version records', () => {
  const u16 = (low: number, high: number) => low + high * 0x10000
  const hash = 0

  it('name a definition by its first part; the second is its parent', () => {
    const bytes = pack(true, u16(1, 0), u16(2, 2), hash, 20, 0, 5, 8, 1, 0)
    expect(definedVersions({ bytes, count: 1, strings, section: '.gnu.version_d' }, true)).toEqual(new Map([[2, 'NEW']]))
  })

  it('name every part of a requirement', () => {
    const file = 9
    const bytes = pack(true, u16(1, 2), file, 16, 0, hash, u16(0, 4), 1, 16, hash, u16(0, 5), 5, 0)
    expect(requiredVersions({ bytes, count: 1, strings, section: '.gnu.version_r' }, true)).toEqual(
      new Map([
        [4, 'OLD'],
        [5, 'NEW'],
      ]),
    )
  })

  it('may not share parts, which could take long', () => {
    // Each record is also a part, and each has 65535 parts: all that follow.
    const record = [u16(1, 0xffff), 0, 16, 16]
    const bytes = pack(true, ...Array.from({ length: 20_000 }, () => record).flat())
    bytes.fill(0, -4) // the last has no next
    expect(() => requiredVersions({ bytes, count: 20_000, strings, section: '.gnu.version_r' }, true)).toThrow(
      expect.objectContaining({ code: 'ERR_BPF_ELF_VERSION', message: '.gnu.version_r: version records overlap' }),
    )
  })
})
