import { openKernel } from '@bpf/kernel'
import { createSys, Errno, formatCall, MapFlag, MapType, mapCreate } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { u32, u64 } from '../codec/scalars'
import { createMap } from './create'
import { openMap } from './open'

const root = process.getuid?.() === 0
const sys = createSys()
const context = { sys, kernel: openKernel(sys) }

function hash(options: { maxEntries?: number; flags?: number; type?: typeof MapType.Hash | typeof MapType.LruHash } = {}) {
  return createMap(context, { type: MapType.Hash, name: 'test', key: u32, value: u64, maxEntries: 8, ...options })
}

describe.skipIf(!root)('MapHandle (needs root)', () => {
  it('sets, gets, lists and deletes entries of a hash map', () => {
    using map = hash()
    map.set(1, 10n)
    map.set(2, 20n)
    expect([map.get(1), map.get(3), map.has(2), map.has(3)]).toEqual([10n, undefined, true, false])
    expect(map.bytes(1)).toEqual(Uint8Array.of(10, 0, 0, 0, 0, 0, 0, 0))
    expect(new Map(map)).toEqual(
      new Map([
        [1, 10n],
        [2, 20n],
      ]),
    )
    expect([map.delete(1), map.delete(1), [...map.keys()], [...map.values()]]).toEqual([true, false, [2], [20n]])
  })

  it('creates or replaces only when asked to', () => {
    using map = hash()
    expect(map.set(1, 1n, 'replace')).toBe(false)
    expect(map.set(1, 1n, 'create')).toBe(true)
    expect(map.set(1, 2n, 'create')).toBe(false)
    expect(map.get(1)).toBe(1n)
  })

  it('takes an entry out in one step', () => {
    using map = hash()
    map.set(1, 10n)
    expect([map.lookupAndDelete(1), map.lookupAndDelete(1), [...map]]).toEqual([10n, undefined, []])
  })

  it('takes an entry out in two steps where the kernel cannot in one', () => {
    using trie = createMap(context, { type: MapType.LpmTrie, keySize: 8, value: u64, maxEntries: 8, flags: MapFlag.NoPrealloc })
    trie.set('10.0.0.0/8', 1n)
    expect([trie.lookupAndDelete('10.0.0.0/8'), [...trie]]).toEqual([1n, []])
  })

  it('passes flags of bpf.h through', () => {
    using map = hash()
    // The value has no spin lock to take.
    expect(() => map.get(1, 4)).toThrow('map "test": lookup failed: EINVAL')
  })

  it('says which map and why when the kernel refuses, and what to do', () => {
    using map = hash({ maxEntries: 1 })
    map.set(1, 1n)
    expect(() => map.set(2, 1n)).toThrow('map "test": update failed: E2BIG')
    expect(() => map.set(2, 1n)).toThrow(expect.objectContaining({ hint: 'it is full: its max_entries is 1' }))
    using array = createMap(context, { type: MapType.Array, name: 'test', key: u32, value: u64, maxEntries: 8 })
    expect(() => array.delete(0)).toThrow('map "test": delete failed: EINVAL')
    expect(() => array.set(8, 1n)).toThrow(expect.objectContaining({ hint: 'its indexes go from 0 to 7' }))
  })

  it('cannot be written once it is frozen', () => {
    using map = hash()
    map.set(1, 1n)
    map.freeze()
    expect(() => map.set(1, 2n)).toThrow('map "test": update failed: EPERM')
    expect(map.get(1)).toBe(1n)
    expect(() => map.freeze()).toThrow(
      expect.objectContaining({ code: 'ERR_BPF_MAP_FREEZE', hint: expect.stringContaining('frozen already') }),
    )
  })

  it('says why a map cannot be created', () => {
    expect(() => hash({ maxEntries: 0 })).toThrow(
      expect.objectContaining({
        code: 'ERR_BPF_MAP_CREATE',
        message: 'map "test": could not be created: EINVAL',
        hint: expect.stringContaining('max_entries'),
      }),
    )
  })

  it('refuses to work once closed, instead of hitting whatever has the number now', () => {
    const map = hash()
    map.close()
    map.close()
    const closed = 'map "test" is closed'
    expect(() => map.get(1)).toThrow(closed)
    expect(() => map.set(1, 1n)).toThrow(closed)
    expect(() => map.lookupAndDelete(1)).toThrow(closed)
    expect(() => [...map.keys()]).toThrow(closed)
    expect(() => [...map]).toThrow(closed)
    expect(() => map.setMany([[1, 1n]])).toThrow(closed)
    expect(() => map.deleteMany([1])).toThrow(closed)
    expect(() => map.raw()).toThrow(closed)
    expect(map.closed).toBe(true)
  })

  it('works with bytes where nobody says what they mean, and refuses those of a wrong size', () => {
    const shape = { name: 'raw', type: MapType.Hash, keySize: 4, valueSize: 8, maxEntries: 1, flags: 0 }
    using map = openMap(context, { fd: mapCreate(sys, shape), shape })
    if (map.kind !== 'keyed') throw new Error(map.kind)
    expect(() => map.set(new Uint8Array(3), new Uint8Array(8))).toThrow('expected 4 bytes, got 3 bytes')
    map.set(Uint8Array.of(1, 2, 3, 4), new Uint8Array(8).fill(7))
    expect([...map]).toEqual([[Uint8Array.of(1, 2, 3, 4), new Uint8Array(8).fill(7)]])
  })

  it('offers operations on bytes in memory of the caller, which make no object', () => {
    using map = hash()
    const words = new Uint32Array(4)
    const bytes = new Uint8Array(words.buffer)
    const raw = map.raw({ key: bytes.subarray(0, 4), value: bytes.subarray(8) })
    words.set([7, 0, 70, 0])
    expect(raw.update()).toBe(0)
    words.set([7, 0, 0, 0])
    expect([raw.lookup(), words[2]]).toEqual([0, 70])
    words[0] = 8
    expect(raw.lookup()).toBe(Errno.ENOENT)
    expect([raw.first(), raw.nextKey[0]]).toEqual([0, 7])
    words[0] = 7
    expect([raw.next(), raw.delete(), raw.delete()]).toEqual([Errno.ENOENT, 0, Errno.ENOENT])
    map.close()
    expect(() => raw.lookup()).toThrow('map "test" is closed')
  })
})

describe.skipIf(!root)('listing a map (needs root)', () => {
  const numbers = (count: number) => Array.from({ length: count }, (_, i) => i)

  it('lets the reader delete what it has read, some or all', () => {
    using map = hash({ maxEntries: 1000 })
    for (const mode of ['keys', 'entries'] as const) {
      map.setMany(numbers(1000).map(i => [i, BigInt(i)] as const))
      const seen: number[] = []
      for (const item of map[mode]()) {
        const key = Array.isArray(item) ? item[0] : item
        seen.push(key)
        if (key % 2 === 0) map.delete(key)
      }
      expect(seen.sort((a, b) => a - b)).toEqual(numbers(1000))
      expect([...map.keys()].every(key => key % 2 === 1)).toBe(true)
      map.clear()
      expect([...map]).toEqual([])
    }
  })

  it('ends although the reader inserts as fast as it reads', () => {
    using map = hash({ maxEntries: 5000 })
    map.set(0, 0n)
    let next = 1
    const seen: number[] = []
    for (const key of map.keys()) {
      seen.push(key)
      if (next < 5000) map.set(next++, 0n)
    }
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.length).toBeLessThanOrEqual(5000)
  })

  it('sees each key at most once when others delete the key it stands on', () => {
    using map = createMap(context, { type: MapType.LpmTrie, keySize: 8, value: u32, maxEntries: 300, flags: MapFlag.NoPrealloc })
    for (const i of numbers(256)) map.set(`10.0.${i}.0/24`, i)
    const seen: unknown[] = []
    for (const key of map.keys()) {
      // 100 behind and 100 ahead: beyond any read-ahead.
      const at = Number(/^10\.0\.(\d+)/.exec(String(key))?.[1])
      map.delete(`10.0.${at}.0/24`)
      map.delete(`10.0.${(at + 100) % 256}.0/24`)
      seen.push(key)
    }
    expect(new Set(seen).size).toBe(seen.length)
  })

  it('reads more in a call than a chunk holds, and fewer calls than entries', () => {
    let calls = 0
    const counting = createSys({ trace: () => calls++ })
    using map = createMap({ sys: counting, kernel: context.kernel }, { type: MapType.Hash, key: u32, value: u64, maxEntries: 50_000 })
    expect(map.setMany(numbers(50_000).map(i => [i, BigInt(2 * i)] as const))).toBe(50_000)
    calls = 0
    const sum = [...map].reduce((total, [key, value]) => total + BigInt(key) + value, 0n)
    expect(sum).toBe(3n * BigInt((50_000 * 49_999) / 2))
    expect(calls).toBeLessThan(20)
    calls = 0
    expect(map.deleteMany(numbers(50_000).filter(i => i < 40_000))).toBe(40_000)
    expect(calls).toBeLessThan(20)
  })

  it('sees what is there throughout exactly once, whatever comes and goes meanwhile', () => {
    const stays = 20_000
    using map = hash({ maxEntries: 60_000 })
    map.setMany(numbers(stays).map(i => [i, 0n] as const))
    const seen = new Map<number, number>()
    let read = 0
    let next = stays
    for (const [key] of map) {
      seen.set(key, (seen.get(key) ?? 0) + 1)
      if (++read % 100 !== 0) continue
      // What came last goes, and other comes.
      map.deleteMany(
        numbers(100)
          .map(i => next - 100 + i)
          .filter(key => key >= stays),
      )
      map.setMany(numbers(100).map(i => [next + i, 0n] as const))
      next += 100
    }
    expect(numbers(stays).filter(key => seen.get(key) !== 1)).toEqual([])
  })

  it('reads as bytes, without an object for each entry', () => {
    using map = hash({ maxEntries: 100 })
    map.setMany(numbers(100).map(i => [i, BigInt(i)] as const))
    let sum = 0
    let count = 0
    for (const chunk of map.batches()) {
      const keys = new Uint32Array(chunk.keys.buffer, chunk.keys.byteOffset, chunk.count)
      for (const key of keys) sum += key
      count += chunk.count
    }
    expect([sum, count]).toEqual([4950, 100])
  })

  it('makes its memory larger when a bucket does not fit', () => {
    // Values so large that a chunk holds few of them.
    const large = { size: 100_000, decode: () => 1, encode: () => {} }
    using map = createMap(context, { type: MapType.Hash, key: u32, value: large, maxEntries: 64, flags: MapFlag.NoPrealloc })
    for (const i of numbers(64)) map.set(i, 1)
    expect([...map.keys()].length).toBe(64)
    expect([...map.entries()].length).toBe(64)
  })

  it('takes everything out, in batches where the kernel can and one by one where not', () => {
    using map = hash({ maxEntries: 100 })
    map.setMany(numbers(100).map(i => [i, BigInt(i)] as const))
    expect([...map.drain()].length).toBe(100)
    expect([...map]).toEqual([])
    using trie = createMap(context, { type: MapType.LpmTrie, keySize: 8, value: u32, maxEntries: 8, flags: MapFlag.NoPrealloc })
    trie.set('10.0.0.0/8', 1)
    trie.set('192.168.0.0/16', 2)
    expect([...trie.drain()].length).toBe(2)
    expect([...trie]).toEqual([])
  })

  it('says how many entries were written before one failed', () => {
    using map = hash({ maxEntries: 3 })
    const entries = numbers(5).map(i => [i, 0n] as const)
    expect(() => map.setMany(entries)).toThrow(expect.objectContaining({ code: 'ERR_BPF_BATCH', done: 3 }))
    expect(() => map.setMany(entries.slice(0, 3), 'create')).toThrow('map "test": update of entry 1 failed: EEXIST')
    map.clear()
    const misfit = [...entries.slice(0, 2), [2, -1n], [3, 0n]] as const
    expect(() => map.setMany(misfit)).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/^map "test": update of entry 3 failed: value: expected an unsigned/),
        done: 2,
      }),
    )
    expect([...map.keys()].sort()).toEqual([0, 1])
  })

  it('passes over keys that are missing when it deletes many', () => {
    using map = hash()
    map.setMany([
      [1, 1n],
      [3, 3n],
      [5, 5n],
    ])
    expect(map.deleteMany([0, 1, 2, 3, 4, 6])).toBe(2)
    expect([...map.keys()]).toEqual([5])
    expect(map.deleteMany([])).toBe(0)
  })

  it('works on kernels without batches', () => {
    const seen: string[] = []
    const native = {
      ...sys.native,
      bpf(command: number, attr: number | ArrayBufferView, size: number) {
        // BPF_MAP_LOOKUP_BATCH to BPF_MAP_DELETE_BATCH: as before Linux 5.6.
        const batch = command >= 24 && command <= 27
        return sys.native.bpf(batch ? 99 : command, attr, size)
      },
    }
    const old = createSys({ native, trace: call => seen.push(formatCall(call)) })
    using map = createMap({ sys: old, kernel: context.kernel }, { type: MapType.Hash, key: u32, value: u64, maxEntries: 300 })
    const entries = numbers(300).map(i => [i, BigInt(i)] as const)
    expect(map.setMany(entries)).toBe(300)
    expect([...map].sort(([a], [b]) => a - b)).toEqual(entries)
    expect(map.deleteMany([1, 2, 999])).toBe(2)
    expect([...map.drain()].length).toBe(298)
    expect(seen.filter(call => call.includes('BATCH')).length).toBe(4)
  })

  it('lists arrays and per-CPU maps too', () => {
    using array = createMap(context, { type: MapType.Array, key: u32, value: u64, maxEntries: 3 })
    array.set(1, 5n)
    expect([...array]).toEqual([
      [0, 0n],
      [1, 5n],
      [2, 0n],
    ])
    expect([...array.keys()]).toEqual([0, 1, 2])
  })
})
