import { readFixture } from '@bpf/fixtures'
import { describe, expect, it } from 'vitest'
import { buildElf, pack } from './build-elf'
import { parseElf, readUsdtProbes, SectionType, SegmentFlag, SegmentType } from './index'

describe('readUsdtProbes', () => {
  it('finds every place of every probe', async () => {
    const elf = parseElf(await readFixture('elf/probes.elf'))
    const counted = { semaphore: 0x2000n, semaphoreOffset: 0x1000, base: 0x1d2n }
    expect(readUsdtProbes(elf)).toEqual([
      { provider: 'server', name: 'request', pc: 0x1abn, offset: 0x1ab, arguments: '-4@$7 8@$9', ...counted },
      { provider: 'server', name: 'request', pc: 0x1can, offset: 0x1ca, arguments: '-4@%eax 8@%rcx', ...counted },
      {
        provider: 'server',
        name: 'idle',
        pc: 0x1d0n,
        offset: 0x1d0,
        arguments: '',
        base: 0x1d2n,
        semaphore: 0n,
        semaphoreOffset: undefined,
      },
    ])
    const nop = 0x90
    expect(readUsdtProbes(elf).map(({ offset = 0 }) => elf.bytes[offset])).toEqual([nop, nop, nop])
  })

  it('finds none in a file without them', async () => {
    expect(readUsdtProbes(parseElf(await readFixture('elf/libshared.so')))).toEqual([])
  })

  const file = (descriptor: Uint8Array, base: bigint | undefined, littleEndian = true) => {
    const note = pack(littleEndian, 8, descriptor.length, 3, 'stapsdt')
    const data = new Uint8Array(note.length + descriptor.length)
    data.set(note)
    data.set(descriptor, note.length)
    const sections = [{ name: '.note.stapsdt', type: SectionType.Note, data, alignment: 4 }]
    const anchor = base === undefined ? [] : [{ name: '.stapsdt.base', type: SectionType.Progbits, address: base }]
    const code = { type: SegmentType.Load, flags: SegmentFlag.Execute, offset: 0, fileSize: 0x400, virtualAddress: 0x40_0000n }
    return parseElf(buildElf({ littleEndian, sections: [...sections, ...anchor], segments: [code] }))
  }

  it.each([true, false])('moves by as much as prelinking moved the base (little-endian: %s)', littleEndian => {
    const descriptor = pack(littleEndian, 0x1100n, 0x2000n, 0x3000n, 'p', 'n', '8@$1')
    expect(readUsdtProbes(file(descriptor, 0x40_1000n, littleEndian))).toMatchObject([
      { pc: 0x40_0100n, offset: 0x100, semaphore: 0x40_2000n },
    ])
    expect(readUsdtProbes(file(descriptor, 0x1000n, littleEndian))).toMatchObject([{ pc: 0x100n, offset: undefined, semaphore: 0x2000n }])
    expect(readUsdtProbes(file(descriptor, undefined, littleEndian))).toMatchObject([{ pc: 0x1100n, base: 0x2000n, semaphore: 0x3000n }])
  })

  it('does not move what is not there', () => {
    expect(readUsdtProbes(file(pack(true, 1n, 0n, 0n, 'p', 'n', ''), 0x1000n))).toMatchObject([{ pc: 1n, semaphore: 0n }])
  })

  it('refuses notes that lack something', () => {
    expect(() => readUsdtProbes(file(pack(true, 1n, 2n), undefined))).toThrow('USDT note of 16 bytes is too short for its addresses')
    const twoStrings = file(pack(true, 1n, 2n, 3n, 'provider', 'name'), undefined)
    expect(() => readUsdtProbes(twoStrings)).toThrow('USDT note lacks one of provider, name and arguments')
  })
})
