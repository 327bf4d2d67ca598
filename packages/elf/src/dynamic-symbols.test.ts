import { readFixture } from '@bpf/fixtures'
import { describe, expect, it } from 'vitest'
import { buildElf, buildSymbols, pack } from './build-elf'
import {
  DynamicTag,
  parseElf,
  readDynamic,
  readDynamicSymbols,
  SectionType,
  SegmentType,
  SymbolBinding,
  SymbolType,
  versionedName,
} from './index'

const namesOf = async (file: string) => readDynamicSymbols(parseElf(await readFixture(file))).map(versionedName)
const shared = [
  '',
  'missing@NEEDED_1',
  'use_twice@@SHARED_2',
  'only@@SHARED_1',
  'alias@@SHARED_1',
  'maybe@@SHARED_1',
  'variable@@SHARED_1',
  'greet@@SHARED_2',
  'use_twice_too@@SHARED_2',
  'greet@SHARED_1',
  'SHARED_1',
  'zeroed@@SHARED_1',
  'picked@@SHARED_2',
  'caller@@SHARED_1',
  'SHARED_2',
]

describe('readDynamicSymbols', () => {
  it('reads symbols with their versions', async () => {
    const symbols = readDynamicSymbols(parseElf(await readFixture('elf/libshared.so')))
    expect(symbols.map(versionedName)).toEqual(shared)
    expect(symbols[9]).toMatchObject({
      name: 'greet',
      value: 0x560n,
      type: SymbolType.Function,
      binding: SymbolBinding.Global,
      version: { name: 'SHARED_1', isDefault: false },
    })
    expect(symbols[12]?.type).toBe(SymbolType.IndirectFunction)
  })

  it('survives stripping', async () => {
    expect(await namesOf('elf/libshared-stripped.so')).toEqual(shared)
  })

  it('does without section headers, as the dynamic linker does', async () => {
    expect(await namesOf('elf/libshared-headerless.so')).toEqual(shared)
    // Another hash table, which wants another order.
    expect((await namesOf('elf/libshared-headerless-sysv.so')).sort()).toEqual([...shared].sort())
  })

  it('is empty for objects', async () => {
    expect(await namesOf('elf/sections.o')).toEqual([])
  })
})

describe('readDynamic', () => {
  it('gives the entries up to the NULL one, with or without section headers', async () => {
    const entries = readDynamic(parseElf(await readFixture('elf/libshared.so')))
    expect(entries.map(({ tag }) => tag).slice(0, 2)).toEqual([DynamicTag.Needed, DynamicTag.Soname])
    expect(readDynamic(parseElf(await readFixture('elf/libshared-headerless.so')))).toEqual(entries)
  })
})

describe('versions in big-endian files', () => {
  const strings = pack(false, '', 'own', 'V_1', 'V_2', 'libc', 'puts', 'GLIBC')
  const offset = (name: string) => new TextDecoder().decode(strings).indexOf(name)
  const u16 = (...values: number[]) => Uint8Array.from(values.flatMap(value => [value >> 8, value & 0xff]))
  const join = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap(part => [...part]))
  /** Version 1, no flags, `index`, one name; hash 0; the name follows. */
  const definition = (index: number, name: string, next: number) =>
    join(u16(1, 0, index, 1), pack(false, 0, 20, next), pack(false, offset(name), 0))
  const requirement = join(u16(1, 1), pack(false, offset('libc'), 16, 0), pack(false, 0), u16(0, 4), pack(false, offset('GLIBC'), 0))
  const symbols = buildSymbols(
    [{}, ...['own', 'own', 'puts'].map((name, i) => ({ name: offset(name), type: 2, binding: 1, sectionIndex: i === 2 ? 0 : 1 }))],
    false,
  )
  const file = (definitions: Uint8Array, count = 2) =>
    parseElf(
      buildElf({
        littleEndian: false,
        sections: [
          { name: '.dynstr', type: SectionType.Strtab, data: strings },
          { name: '.dynsym', type: SectionType.Dynsym, data: symbols, link: 1, entrySize: 24 },
          { name: '.gnu.version', type: SectionType.GnuVersym, data: u16(0, 0x8002, 3, 4), link: 2 },
          { name: '.gnu.version_d', type: SectionType.GnuVerdef, data: definitions, link: 1, info: count },
          { name: '.gnu.version_r', type: SectionType.GnuVerneed, data: requirement, link: 1, info: 1 },
        ],
      }),
    )

  it('are found', () => {
    const elf = file(join(definition(2, 'V_1', 28), definition(3, 'V_2', 0)))
    expect(readDynamicSymbols(elf).map(versionedName)).toEqual(['', 'own@V_1', 'own@@V_2', 'puts@GLIBC'])
  })

  it('end where the chain ends, whatever the count says', () => {
    const elf = file(definition(2, 'V_1', 0), 60_000)
    expect(readDynamicSymbols(elf).map(versionedName)).toEqual(['', 'own@V_1', 'own', 'puts@GLIBC'])
  })

  it('may not leave the section', () => {
    expect(() => readDynamicSymbols(file(definition(2, 'V_1', 5000)))).toThrow(expect.objectContaining({ code: 'ERR_BPF_BOUNDS' }))
  })
})

describe('malformed dynamic sections', () => {
  /** A file without section headers whose only segment holds a dynamic section at address and offset 0x40. */
  const file = (...entries: [tag: number, value: bigint][]) => {
    const data = pack(true, ...entries.flatMap(([tag, value]) => [BigInt(tag), value]), 0n, 0n)
    const sections = [{ name: '.dynamic', type: SectionType.Dynamic, data }]
    const area = { offset: 64, fileSize: data.length, virtualAddress: 64n }
    const segments = [
      { type: SegmentType.Load, ...area },
      { type: SegmentType.Dynamic, ...area },
    ]
    return { ...parseElf(buildElf({ sections, segments })), sections: [] }
  }

  it('addresses that nothing is loaded at', () => {
    expect(() => readDynamicSymbols(file([DynamicTag.Symtab, 0x5000n]))).toThrow('no segment holds the dynamic data at 0x5000')
  })

  it('no hash table to count the symbols by', () => {
    const elf = file([DynamicTag.Symtab, 64n], [DynamicTag.Strtab, 64n])
    expect(() => readDynamicSymbols(elf)).toThrow('neither DT_HASH nor DT_GNU_HASH says how many dynamic symbols there are')
  })

  it('more symbols than the segment has room for', () => {
    const table = 64 + 3 * 16 + 8
    const count = 1_000_000_000n
    const elf = file([DynamicTag.Symtab, 64n], [DynamicTag.Strtab, 64n], [DynamicTag.Hash, BigInt(table)], [99, count << 32n])
    expect(() => readDynamicSymbols(elf)).toThrow('1000000000 dynamic symbols are past the end of their segment')
  })

  it('static files have none', () => {
    expect(readDynamicSymbols(file())).toEqual([])
  })
})
