import { MapFlag, MapType } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { asCreated, compareShapes, type MapShape, ringSize } from './shape'

const machine = { pageSize: 4096, possibleCpus: 8 }
const hash: MapShape = { name: 'a', type: MapType.Hash, keySize: 4, valueSize: 8, maxEntries: 16, flags: 0 }

describe('compareShapes', () => {
  it('finds no difference where the kernel makes the same of both', () => {
    const same: readonly (readonly [MapShape, MapShape])[] = [
      [hash, { ...hash, name: 'other', mapExtra: 0n }],
      [
        { ...hash, flags: MapFlag.NoPrealloc | MapFlag.Rdonly },
        { ...hash, flags: MapFlag.NoPrealloc },
      ],
      [
        { ...hash, type: MapType.Ringbuf, maxEntries: 5000 },
        { ...hash, type: MapType.Ringbuf, maxEntries: 8192 },
      ],
      [
        { ...hash, type: MapType.PerfEventArray, maxEntries: 0 },
        { ...hash, type: MapType.PerfEventArray, maxEntries: 8 },
      ],
      [
        { ...hash, type: MapType.DevmapHash },
        { ...hash, type: MapType.DevmapHash, flags: MapFlag.RdonlyProg },
      ],
    ]
    for (const [wanted, found] of same) expect(compareShapes(wanted, found, machine)).toEqual([])
  })

  it('names every field that differs, in words', () => {
    const found = { ...hash, type: MapType.Array, keySize: 8, flags: MapFlag.Mmapable | (1 << 30), mapExtra: 1n }
    expect(compareShapes(hash, found, machine)).toEqual([
      { field: 'type', wanted: 'hash', found: 'array' },
      { field: 'keySize', wanted: '4', found: '8' },
      { field: 'flags', wanted: 'none', found: 'Mmapable | 0x40000000' },
      { field: 'mapExtra', wanted: '0', found: '1' },
    ])
  })
})

describe('asCreated', () => {
  it('rounds rings up to what they can be', () => {
    expect([0, 1, 4096, 4097, 3 * 4096].map(size => ringSize(size, 4096))).toEqual([4096, 4096, 4096, 8192, 16384])
    expect(asCreated({ ...hash, type: MapType.UserRingbuf, maxEntries: 1 }, { ...machine, pageSize: 65536 }).maxEntries).toBe(65536)
  })
})
