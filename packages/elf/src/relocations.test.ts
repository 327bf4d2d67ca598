import { readFixture } from '@bpf/fixtures'
import { describe, expect, it } from 'vitest'
import { buildElf, pack } from './build-elf'
import { BpfRelocationType, parseElf, readRelocations, readSymbols, SectionType, sectionByName } from './index'

const { R_BPF_64_32, R_BPF_64_64, R_BPF_64_ABS64 } = BpfRelocationType

describe('readRelocations', () => {
  it.each(['elf/sections.o', 'elf/sections-be.o'])('%s: code and data', async file => {
    const elf = parseElf(await readFixture(file))
    const symbols = readSymbols(elf)
    const relocations = (section: string) => {
      const found = sectionByName(elf, section)
      if (found === undefined) throw new Error(`${section} is missing`)
      return readRelocations(elf, found).map(({ symbolIndex, ...rest }) => ({ ...rest, symbol: symbols[symbolIndex]?.name }))
    }
    expect(relocations('.relsocket')).toContainEqual({ offset: 32, type: R_BPF_64_64, addend: undefined, symbol: 'counts' })
    expect(
      relocations('.relsocket')
        .filter(({ type }) => type === R_BPF_64_32)
        .map(({ symbol }) => symbol),
    ).toContain('outside')
    expect(relocations('.rel.rodata').map(({ offset, type }) => ({ offset, type }))).toEqual([
      { offset: 8, type: R_BPF_64_ABS64 },
      { offset: 16, type: R_BPF_64_ABS64 },
    ])
  })

  const only = (type: number, entrySize: number, data: Uint8Array, littleEndian = true) => {
    const elf = parseElf(buildElf({ littleEndian, sections: [{ name: '.rel', type, entrySize, data }] }))
    const [, section] = elf.sections
    if (section === undefined) throw new Error('missing')
    return readRelocations(elf, section)
  }

  it.each([true, false])('explicit addends are signed (little-endian: %s)', littleEndian => {
    const data = pack(littleEndian, 0x10n, (5n << 32n) | 7n, 2n ** 64n - 4n)
    expect(only(SectionType.Rela, 24, data, littleEndian)).toEqual([{ offset: 0x10, symbolIndex: 5, type: 7, addend: -4n }])
  })

  it('refuses what are no relocations', () => {
    expect(() => only(SectionType.Progbits, 16, new Uint8Array(16))).toThrow('.rel: section type 1 holds no relocations')
    expect(() => only(SectionType.Rel, 24, new Uint8Array(24))).toThrow('.rel: entries of 24 bytes, must be 16')
    expect(() => only(SectionType.Rel, 16, new Uint8Array(17))).toThrow('.rel: 17 bytes is not a whole number of relocations')
    expect(() => only(SectionType.Rel, 16, pack(true, 2n ** 63n, 0n))).toThrow(expect.objectContaining({ code: 'ERR_BPF_UNSAFE_INTEGER' }))
  })
})
