import { readFixture } from '@bpf/fixtures'
import { describe, expect, it } from 'vitest'
import { buildElf, pack } from './build-elf'
import { crc32, parseElf, readDebugLink, SectionType } from './index'

describe('readDebugLink', () => {
  it('names the file and tells its checksum', async () => {
    const link = readDebugLink(parseElf(await readFixture('elf/libshared-stripped.so')))
    expect(link).toEqual({ fileName: 'libshared.debug', crc32: crc32(await readFixture('elf/libshared.debug')) })
  })

  it('is undefined without the section', async () => {
    expect(readDebugLink(parseElf(await readFixture('elf/libshared.so')))).toBeUndefined()
  })

  it('reads the checksum in the byte order of the file', () => {
    const sections = [{ name: '.gnu_debuglink', type: SectionType.Progbits, data: pack(false, 'abc', 0x01020304) }]
    expect(readDebugLink(parseElf(buildElf({ littleEndian: false, sections })))).toEqual({ fileName: 'abc', crc32: 0x01020304 })
  })

  it.each([[pack(true, 'abc')], [new Uint8Array()], [Uint8Array.of(1, 2, 3, 4)]])('refuses half of one: %s', data => {
    const sections = [{ name: '.gnu_debuglink', type: SectionType.Progbits, data }]
    expect(() => readDebugLink(parseElf(buildElf({ sections })))).toThrow('.gnu_debuglink holds no file name with a checksum')
  })
})

describe('crc32', () => {
  const bytes = new TextEncoder().encode('123456789')

  it('gives the check value of the standard', () => {
    expect(crc32(bytes)).toBe(0xcbf43926)
    expect(crc32(new Uint8Array())).toBe(0)
  })

  it('goes on over pieces', () => {
    expect(crc32(bytes.subarray(4), crc32(bytes.subarray(0, 4)))).toBe(0xcbf43926)
  })
})
