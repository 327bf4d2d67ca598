import { MapFlag, MapType } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import type { MapShape } from './shape'
import { shapeProblem } from './shape-problem'

const shape = (changes: Partial<MapShape>): MapShape => ({
  name: '',
  type: MapType.Hash,
  keySize: 4,
  valueSize: 8,
  maxEntries: 8,
  flags: 0,
  ...changes,
})
const problem = (changes: Partial<MapShape>) => shapeProblem(shape(changes), 4096)

describe('what a kernel does not like about a map', () => {
  it.each<[string, Partial<MapShape>, RegExp]>([
    ['nothing fits in', { maxEntries: 0 }, /max_entries is 0/],
    ['a name with a dash', { name: 'a-b' }, /letters, digits/],
    ['a ring of odd size', { type: MapType.Ringbuf, keySize: 0, valueSize: 0, maxEntries: 5000 }, /power of two and whole pages/],
    ['a small ring', { type: MapType.UserRingbuf, keySize: 0, valueSize: 0, maxEntries: 2048 }, /power of two and whole pages/],
    ['a ring with values', { type: MapType.Ringbuf, keySize: 0, maxEntries: 4096 }, /no values/],
    ['a queue with keys', { type: MapType.Queue }, /no keys/],
    ['an array by names', { type: MapType.Array, keySize: 8 }, /key_size must be 4/],
    ['keys of nothing', { keySize: 0 }, /key_size is 0/],
    ['values of nothing', { valueSize: 0 }, /value_size is 0/],
    ['a trie that is allocated ahead', { type: MapType.LpmTrie, keySize: 8 }, /BPF_F_NO_PREALLOC/],
    ['a trie without data', { type: MapType.LpmTrie, flags: MapFlag.NoPrealloc }, /prefix length/],
    ['half an address', { type: MapType.StackTrace, valueSize: 12 }, /multiple of 8/],
    ['an arena that cannot be mapped', { type: MapType.Arena, keySize: 0, valueSize: 0 }, /BPF_F_MMAPABLE/],
    ['storage of a size', { type: MapType.TaskStorage, flags: MapFlag.NoPrealloc }, /max_entries 0/],
  ])('%s', (_, changes, text) => {
    expect(problem(changes)).toMatch(text)
  })

  it('says nothing of maps that kernels create', () => {
    const fine: readonly Partial<MapShape>[] = [
      {},
      { type: MapType.Array },
      { type: MapType.PerfEventArray, valueSize: 4, maxEntries: 0 },
      { type: MapType.Ringbuf, keySize: 0, valueSize: 0, maxEntries: 8192 },
      { type: MapType.Stack, keySize: 0 },
      { type: MapType.LpmTrie, keySize: 8, flags: MapFlag.NoPrealloc },
      { type: MapType.StackTrace, valueSize: 64 },
      { type: MapType.CgroupStorage, keySize: 16, maxEntries: 0 },
      { type: MapType.Arena, keySize: 0, valueSize: 0, flags: MapFlag.Mmapable },
    ]
    expect(fine.map(problem)).toEqual(fine.map(() => undefined))
  })
})
