import { toHex } from '@bpf/bytes'
import { readFixture } from '@bpf/fixtures'
import { describe, expect, it } from 'vitest'
import { buildElf, pack } from './build-elf'
import { buildId, GnuNoteType, parseElf, readNotes, SectionType, SegmentType } from './index'

const id = '0123456789abcdef0123456789abcdef01234567'
const noteSection = (data: Uint8Array, alignment = 4) =>
  parseElf(buildElf({ sections: [{ name: '.note', type: SectionType.Note, data, alignment }] }))

describe('buildId', () => {
  it.each(['elf/libshared.so', 'elf/libshared-stripped.so', 'elf/libshared.debug', 'elf/libshared-headerless.so'])('%s', async file => {
    expect(toHex(buildId(parseElf(await readFixture(file))) ?? new Uint8Array())).toBe(id)
  })

  it('is undefined where there is none', async () => {
    expect(buildId(parseElf(await readFixture('elf/sections.o')))).toBeUndefined()
  })
})

describe('readNotes', () => {
  it('tells what each note says and where', async () => {
    const [note] = readNotes(parseElf(await readFixture('elf/libshared.so')))
    expect(note).toMatchObject({ name: 'GNU', type: GnuNoteType.BuildId, offset: 0x1a0, section: '.note.gnu.build-id' })
    const [loaded] = readNotes(parseElf(await readFixture('elf/libshared-headerless.so')))
    expect(loaded).toEqual({ ...note, section: undefined })
  })

  it.each([true, false])('reads several, padded to 4 (little-endian: %s)', littleEndian => {
    const data = pack(littleEndian, 4, 4, 1, 'Xen', 7, 4, 0, 2, 'abc', 4, 8, 3, 'Two', 0x1122n)
    const elf = parseElf(buildElf({ littleEndian, sections: [{ name: '.note', type: SectionType.Note, data }] }))
    expect([...readNotes(elf)].map(({ name, type, descriptor }) => `${name} ${type} ${descriptor.length}`)).toEqual([
      'Xen 1 4',
      'abc 2 0',
      'Two 3 8',
    ])
  })

  it('pads to 8 where the section says so', () => {
    const property = pack(true, 4, 4, 5, 'GNU', 0xc000_0002, 0, 4, 8, 6, 'GNU', 1n)
    expect([...readNotes(noteSection(property, 8))].map(({ type, offset }) => [type, offset])).toEqual([
      [5, 80],
      [6, 104],
    ])
  })

  it('accepts a last note without its padding', () => {
    const data = pack(true, 4, 2, 1, 'One').subarray(0, 16)
    expect([...readNotes(noteSection(Uint8Array.of(...data, 8, 9)))]).toHaveLength(1)
  })

  it('refuses sizes past the end', () => {
    expect(() => [...readNotes(noteSection(pack(true, 4, 100, 1, 'GNU')))]).toThrow('.note: note at 0x0 is past the end (16 bytes)')
    expect(() => [...readNotes(noteSection(pack(true, 0xffff_ffff, 0, 1)))]).toThrow(expect.objectContaining({ code: 'ERR_BPF_ELF_NOTE' }))
    const elf = parseElf(buildElf({ segments: [{ type: SegmentType.Note, offset: 1, fileSize: 1e6 }] }))
    expect(() => [...readNotes({ ...elf, sections: [] })]).toThrow('note segment at 0x1 is past the end of the file')
  })
})
