import { readFixture } from '@bpf/fixtures'
import { describe, expect, it } from 'vitest'
import { buildElf } from './build-elf'
import { addressMap, fileOffset, parseElf, SegmentFlag, SegmentType } from './index'

const shared = parseElf(await readFixture('elf/libshared.so'))

describe('fileOffset', () => {
  it('goes by the segment that loads the address', () => {
    expect(fileOffset(shared, 0x570n)).toBe(0x570)
    expect(fileOffset(shared, 0x2010n)).toBe(0x1010)
  })

  it('knows no place for addresses that are not in the file', () => {
    const zeroed = 0x2020n
    expect([zeroed, 0x1000n, 0x10_0000n, 2n ** 64n - 1n].map(address => fileOffset(shared, address))).toEqual(Array(4).fill(undefined))
  })

  it('takes addresses beyond 2^53', () => {
    const segments = [{ type: SegmentType.Load, offset: 0x40, fileSize: 16, virtualAddress: 0xffff_ffff_8100_0000n }]
    expect(fileOffset(parseElf(buildElf({ segments })), 0xffff_ffff_8100_0008n)).toBe(0x48)
  })
})

describe('addressMap', () => {
  it('can be told to look in executable segments only', () => {
    const code = addressMap(shared, SegmentFlag.Execute)
    expect([code(0x570n), code(0x2010n)]).toEqual([0x570, undefined])
  })

  it('finds the segment in any order', () => {
    const at = (virtualAddress: bigint, offset: number) => ({ type: SegmentType.Load, offset, fileSize: 16, virtualAddress })
    const map = addressMap(parseElf(buildElf({ segments: [at(300n, 3), at(100n, 1), at(200n, 2)] })))
    expect([99n, 100n, 115n, 116n, 205n, 315n, 316n].map(map)).toEqual([undefined, 1, 16, undefined, 7, 18, undefined])
  })
})
