import { BpfError } from '@bpf/bytes'
import { readFixture } from '@bpf/fixtures'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildElf } from './build-elf'
import {
  ElfError,
  ElfMachine,
  ElfType,
  parseElf,
  SectionFlag,
  SectionType,
  SegmentFlag,
  SegmentType,
  sectionByName,
  sectionData,
} from './index'

const little = await readFixture('elf/sections.o')
const big = await readFixture('elf/sections-be.o')
const shared = await readFixture('elf/libshared.so')

describe('parseElf', () => {
  it('reads objects of either byte order', () => {
    const expected = { osAbi: 0, type: ElfType.Relocatable, machine: ElfMachine.Bpf, entry: 0n }
    expect(parseElf(little).header).toMatchObject({ ...expected, littleEndian: true })
    expect(parseElf(big).header).toMatchObject({ ...expected, littleEndian: false })
    const named = (bytes: Uint8Array) => parseElf(bytes).sections.map(({ name, type, size }) => ({ name, type, size }))
    expect(named(big)).toEqual(named(little))
  })

  it('reads section headers', () => {
    const socket = sectionByName(parseElf(little), 'socket')
    expect(socket).toMatchObject({ index: 4, type: SectionType.Progbits, flags: SectionFlag.Alloc | SectionFlag.ExecInstr, alignment: 8 })
    expect(sectionByName(parseElf(little), '.relsocket')).toMatchObject({ type: SectionType.Rel, info: 4, entrySize: 16 })
    expect(parseElf(little).segments).toEqual([])
  })

  it('reads program headers', () => {
    const loads = parseElf(shared).segments.filter(({ type }) => type === SegmentType.Load)
    expect(loads.map(({ flags, offset }) => ({ flags, offset }))).toEqual([
      { flags: SegmentFlag.Read | SegmentFlag.Execute, offset: 0 },
      { flags: SegmentFlag.Read | SegmentFlag.Write, offset: 0xe78 },
    ])
  })

  it('copies nothing and reads no contents', () => {
    const damaged = buildElf({ sections: [{ name: 'far', type: SectionType.Progbits, size: 1_000_000 }] })
    const elf = parseElf(damaged)
    expect(elf.bytes).toBe(damaged)
    const far = elf.sections[1]
    if (far === undefined) throw new Error('missing')
    expect(() => sectionData(elf, far)).toThrow(/^section far \(1000000 bytes at 0x40\) is past the end of the file/)
  })

  it('reads back whatever is written', () => {
    const section = fc.record({
      name: fc.string({ unit: 'grapheme', maxLength: 12 }).filter(name => !name.includes('\0') && name !== '.shstrtab'),
      type: fc.constantFrom(SectionType.Progbits, SectionType.Note, 0x7000_0000),
      flags: fc.nat(0xffff_ffff),
      address: fc.bigInt(0n, 2n ** 64n - 1n),
      data: fc.uint8Array({ maxLength: 40 }),
      link: fc.nat(0xffff_ffff),
      info: fc.nat(0xffff_ffff),
      alignment: fc.constantFrom(1, 4, 8, 4096),
      entrySize: fc.maxSafeNat(),
    })
    fc.assert(
      fc.property(fc.array(section, { maxLength: 8 }), fc.boolean(), fc.boolean(), (sections, littleEndian, extendedNumbering) => {
        const elf = parseElf(buildElf({ littleEndian, sections, extendedNumbering }))
        expect(elf.sections.slice(1, -1).map(parsed => ({ ...parsed, data: sectionData(elf, parsed) }))).toMatchObject(sections)
      }),
    )
  })
})

describe('extended numbering', () => {
  const many = Array.from({ length: 0xff00 + 200 }, (_, i) => ({
    name: `s${i % 100}`,
    type: SectionType.Progbits,
    data: Uint8Array.of(i & 0xff),
  }))

  it('finds more sections than the file header can count', () => {
    const elf = parseElf(buildElf({ sections: many }))
    expect(elf.sections.length).toBe(many.length + 2)
    expect(elf.sections[0xff10]).toMatchObject({ index: 0xff10, name: `s${(0xff10 - 1) % 100}` })
    expect(elf.sections.at(-1)?.name).toBe('.shstrtab')
  })

  it('finds more segments than the file header can count', () => {
    const segments = Array.from({ length: 3 }, (_, i) => ({ type: SegmentType.Note, offset: i, fileSize: 0 }))
    expect(parseElf(buildElf({ segments, extendedNumbering: true })).segments.map(({ offset }) => offset)).toEqual([0, 1, 2])
  })
})

describe('what is not ELF', () => {
  const ascii = (text: string) => new TextEncoder().encode(text)
  const cases: [what: string, bytes: Uint8Array, message: string | RegExp][] = [
    ['nothing', new Uint8Array(), 'not an ELF file but an empty file'],
    ['C source', ascii('// a program\nint main;\n'), 'not an ELF file but text ("// a program")'],
    ['long text', ascii('x'.repeat(300)), `not an ELF file but text ("${'x'.repeat(32)}…")`],
    ['an archive', ascii('!<arch>\nfoo.o/'), /^not an ELF file but an archive/],
    ['bitcode', Uint8Array.of(0x42, 0x43, 0xc0, 0xde, 0x35), /^not an ELF file but LLVM bitcode: compile with -c and without -flto/],
    ['gzip', Uint8Array.of(0x1f, 0x8b, 8), 'not an ELF file but gzip data'],
    ['Mach-O', Uint8Array.of(0xcf, 0xfa, 0xed, 0xfe, 7), /^not an ELF file but a Mach-O file/],
    ['PE', ascii('MZ\x90'), 'not an ELF file but a PE or DOS executable'],
    ['BTF', Uint8Array.of(0x9f, 0xeb, 1, 0), /^not an ELF file but raw little-endian BTF/],
    ['anything else', Uint8Array.of(1, 2, 3), 'not an ELF file'],
  ]

  it.each(cases)('%s is named', (_, bytes, message) => {
    expect(() => parseElf(bytes)).toThrow(message)
    expect(() => parseElf(bytes)).toThrow(expect.objectContaining({ code: 'ERR_BPF_NOT_ELF' }))
  })

  it('32-bit ELF is refused as such', () => {
    const bytes = little.slice()
    bytes[4] = 1
    expect(() => parseElf(bytes)).toThrow(expect.objectContaining({ code: 'ERR_BPF_ELF_CLASS', offset: 4 }))
  })
})

describe('malformed headers', () => {
  const edited = (edit: (view: DataView) => void, from = little) => {
    const bytes = from.slice()
    edit(new DataView(bytes.buffer))
    return bytes
  }
  const cases: [what: string, bytes: Uint8Array, code: string, message: string | RegExp][] = [
    ['a few bytes', little.slice(0, 10), 'ERR_BPF_ELF_HEADER', 'ELF header is 64 bytes, the file has only 10'],
    ['half a header', little.slice(0, 40), 'ERR_BPF_ELF_HEADER', 'ELF header is 64 bytes, the file has only 40'],
    ['class', edited(v => v.setUint8(4, 3)), 'ERR_BPF_ELF_HEADER', 'unknown ELF class 3'],
    ['byte order', edited(v => v.setUint8(5, 0)), 'ERR_BPF_ELF_HEADER', 'unknown ELF data encoding 0'],
    ['version', edited(v => v.setUint8(6, 2)), 'ERR_BPF_ELF_HEADER', 'unknown ELF version 2'],
    ['truncation', little.slice(0, -1), 'ERR_BPF_ELF_SECTION', /^\d+ section headers at 0x\w+ are past the end of the file/],
    ['entry size', edited(v => v.setUint16(58, 40, true)), 'ERR_BPF_ELF_SECTION', 'section headers of 40 bytes, must be 64'],
    [
      'names index',
      edited(v => v.setUint16(62, 999, true)),
      'ERR_BPF_ELF_SECTION',
      /^section names are in section 999, but there are only/,
    ],
    [
      'names type',
      edited(v => v.setUint16(62, 2, true)),
      'ERR_BPF_ELF_SECTION',
      'section 2 should hold the section names but is no string table',
    ],
    ['huge offset', edited(v => v.setBigUint64(40, 2n ** 60n, true)), 'ERR_BPF_UNSAFE_INTEGER', /is not a possible size or offset$/],
    ['segments', edited(v => v.setUint16(56, 9999, true), shared), 'ERR_BPF_ELF_SEGMENT', /^9999 program headers at 0x40 are past the end/],
    ['segment size', edited(v => v.setUint16(54, 32, true), shared), 'ERR_BPF_ELF_SEGMENT', 'program headers of 32 bytes, must be 56'],
  ]

  it.each(cases)('%s', (_, bytes, code, message) => {
    expect(() => parseElf(bytes)).toThrow(message)
    expect(() => parseElf(bytes)).toThrow(expect.objectContaining({ code }))
  })

  it('a count of sections that the file cannot hold allocates nothing', () => {
    const bytes = buildElf({ extendedNumbering: true })
    const view = new DataView(bytes.buffer)
    const sectionZero = Number(view.getBigUint64(40, true))
    view.setBigUint64(sectionZero + 32, 2n ** 40n, true)
    expect(() => parseElf(bytes)).toThrow(ElfError)
    expect(() => parseElf(bytes)).toThrow(BpfError)
  })

  it('a section name outside the names', () => {
    const bytes = buildElf({ sections: [{ name: 'x', type: SectionType.Progbits }] })
    const view = new DataView(bytes.buffer)
    view.setUint32(Number(view.getBigUint64(40, true)) + 64, 500, true)
    expect(() => parseElf(bytes)).toThrow(/^name at 0x1f4 is past the end of the section names/)
  })
})
