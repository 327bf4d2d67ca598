import { BpfError } from '@bpf/bytes'
import { fuzz, fuzzSettings, readFixture } from '@bpf/fixtures'
import { describe, expect, it } from 'vitest'
import { buildElf, buildSymbols, pack } from './build-elf'
import {
  buildId,
  findFunction,
  listFunctions,
  parseElf,
  readDebugLink,
  readDynamic,
  readDynamicSymbols,
  readNotes,
  readRelocations,
  readSymbols,
  readUsdtProbes,
  SectionType,
  SegmentType,
  sectionData,
} from './index'

const isExpected = (error: unknown) => error instanceof BpfError

/** Asks every question, each also when another was refused. */
function readEverything(bytes: Uint8Array): void {
  const elf = parseElf(bytes)
  const inflate = (_: Uint8Array, { size }: { readonly size: number }) => new Uint8Array(Math.min(size, 2 ** 20))
  const questions: (() => unknown)[] = [
    ...elf.sections.flatMap(section => [
      () => sectionData(elf, section, { inflate }),
      () => (section.type === SectionType.Rel || section.type === SectionType.Rela) && readRelocations(elf, section),
    ]),
    () => readSymbols(elf),
    () => readDynamic(elf),
    () => readDynamicSymbols(elf),
    () => [...readNotes(elf)],
    () => buildId(elf),
    () => readUsdtProbes(elf),
    () => readDebugLink(elf),
    () => findFunction(elf, 'greet'),
    () => listFunctions(elf),
  ]
  const errors = questions.map(errorOf).filter(error => error !== undefined)
  const unexpected = errors.find(error => !isExpected(error))
  if (errors.length > 0) throw unexpected ?? errors[0]
}

function errorOf(question: () => unknown): unknown {
  try {
    question()
    return undefined
  } catch (error) {
    return error
  }
}

/** A small file with one of everything that the larger ones lack. */
const assembled = buildElf({
  extendedNumbering: true,
  littleEndian: false,
  sections: [
    { name: '.strtab', type: SectionType.Strtab, data: pack(false, '', 'a', 'grün') },
    {
      name: '.symtab',
      type: SectionType.Symtab,
      data: buildSymbols([{}, { name: 1, type: 2, sectionIndex: 0xffff }], false),
      link: 1,
      entrySize: 24,
    },
    { name: '.symtab_shndx', type: SectionType.SymtabShndx, data: pack(false, 0, 5), link: 2 },
    { name: '.rela', type: SectionType.Rela, data: pack(false, 8n, (1n << 32n) | 1n, 4n), entrySize: 24, link: 2, info: 1 },
    { name: '.note.stapsdt', type: SectionType.Note, data: pack(false, 8, 31, 3, 'stapsdt', 1n, 2n, 3n, 'pr', 'n', 'a', 0), alignment: 4 },
    { name: '.gnu_debuglink', type: SectionType.Progbits, data: pack(false, 'abc', 1) },
    { name: '.z', type: SectionType.Progbits, flags: 0x800, data: pack(false, 1, 0, 16n, 1n, 'abc') },
  ],
  segments: [{ type: SegmentType.Load, flags: 7, offset: 0, fileSize: 64 }],
})

const fixtures = [
  'elf/sections.o',
  'elf/sections-be.o',
  'elf/sections-zlib.o',
  'elf/libshared.so',
  'elf/libshared-stripped.so',
  'elf/libshared-headerless.so',
  'elf/libshared-headerless-sysv.so',
  'elf/libshared.debug',
  'elf/probes.elf',
]

describe('mutated files', () => {
  it('are read or refused with a typed error, in time', { timeout: 0 }, async () => {
    const inputs = [assembled, ...(await Promise.all(fixtures.map(readFixture)))]
    for (const input of inputs) expect(() => readEverything(input)).not.toThrow(/./)
    const { accepted, rejected } = fuzz({ name: 'ELF', ...fuzzSettings(100_000), inputs, parse: readEverything, isExpected })
    expect(accepted).toBeGreaterThan(0)
    expect(rejected).toBeGreaterThan(0)
  })
})

describe('mutated notes', () => {
  it('are read or refused with a typed error, in time', { timeout: 0 }, async () => {
    const files = (await Promise.all(['elf/probes.elf', 'elf/libshared.so'].map(readFixture))).map(bytes => parseElf(bytes))
    const inputs = files.flatMap(elf => elf.sections.filter(({ type }) => type === SectionType.Note).map(note => sectionData(elf, note)))
    const parse = (data: Uint8Array) => readNotesOf(data, '.note.stapsdt')
    const { accepted, rejected } = fuzz({ name: 'notes', ...fuzzSettings(40_000), inputs, parse, isExpected })
    expect(accepted).toBeGreaterThan(0)
    expect(rejected).toBeGreaterThan(0)
  })
})

/** All that can be asked of notes, each byte of which may be wrong: in either byte order, padded to 4 or to 8 bytes. */
function readNotesOf(data: Uint8Array, name: string): void {
  for (const [littleEndian, alignment] of [
    [true, 4],
    [true, 8],
    [false, 4],
  ] as const) {
    const elf = parseElf(buildElf({ littleEndian, sections: [{ name, type: SectionType.Note, data, alignment }] }))
    buildId(elf)
    readUsdtProbes(elf)
  }
}
