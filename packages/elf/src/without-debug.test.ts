import { readFixture } from '@bpf/fixtures'
import { describe, expect, it } from 'vitest'
import { buildElf } from './build-elf'
import { SectionType } from './constants'
import { parseElf } from './parse'
import { readRelocations } from './relocations'
import { sectionData } from './section-data'
import { readSymbols } from './symbol-table'
import type { ElfFile } from './types'
import { withoutDebugInfo } from './without-debug'

const isDebug = (name: string) => /^(\.rela?)?\.debug_/.test(name)

/** All that a loader reads. */
function contents(elf: ElfFile) {
  const kept = elf.sections.filter(({ name, type }) => !isDebug(name) && type !== SectionType.Nobits)
  const relocations = kept.filter(({ type }) => type === SectionType.Rel).map(section => readRelocations(elf, section))
  return {
    names: elf.sections.map(({ name }) => name),
    data: kept.map(section => [section.name, section.link, section.info, ...sectionData(elf, section)]),
    symbols: readSymbols(elf),
    relocations,
  }
}

describe('withoutDebugInfo', () => {
  it.each(['elf/sections.o', 'elf/sections-be.o'])('keeps all else where it was: %s', async path => {
    const before = await readFixture(path)
    const after = withoutDebugInfo(before)
    const elf = parseElf(after)
    expect(contents(elf)).toEqual(contents(parseElf(before)))
    expect(elf.sections.filter(({ name, size }) => isDebug(name) && size > 0)).toEqual([])
    expect(after.length).toBeLessThan(before.length)
  })

  it('returns what has none as it is', async () => {
    const bytes = await readFixture('examples/execsnoop.o')
    expect(withoutDebugInfo(bytes)).toBe(bytes)
  })

  it('leaves executables alone', () => {
    const bytes = buildElf({
      sections: [{ name: '.debug_info', type: SectionType.Progbits, data: Uint8Array.of(1, 2, 3) }],
      segments: [{ type: 1, flags: 5, offset: 0, fileSize: 64 }],
    })
    expect(withoutDebugInfo(bytes)).toBe(bytes)
  })
})
