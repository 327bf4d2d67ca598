import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drainOverwriteRing, type OverwriteRingMemory, unreadBytes } from './overwrite-ring'

const BUSY = 0x80000000
const DISCARDED = 0x40000000

/** The kernel's side of a ring that overwrites: the oldest records go, whole, before a new one is written. */
function createRing(size: number) {
  const buffer = new ArrayBuffer(size * 2)
  const ring: OverwriteRingMemory = {
    consumerPosition: new BigUint64Array(1),
    producerPosition: new BigUint64Array(1),
    overwritePosition: new BigUint64Array(1),
    data: new DataView(buffer),
    words: new Int32Array(buffer),
    size,
    ordered: true,
  }
  const poke = (position: number, byte: number) => {
    const at = position % size
    ring.data.setUint8(at, byte)
    ring.data.setUint8(at + size, byte)
  }
  const pokeU32 = (position: number, value: number) => {
    for (let i = 0; i < 4; i++) poke(position + i, (value >>> (8 * i)) & 0xff)
  }
  const total = (length: number) => (length + 8 + 7) & ~7

  const produce = (sample: readonly number[], flags = 0) => {
    const position = Number(ring.producerPosition[0])
    const end = position + total(sample.length)
    let oldest = Number(ring.overwritePosition[0])
    while (end - oldest > size) oldest += total(ring.data.getUint32(oldest % size, true) & 0x3fff_ffff)
    ring.overwritePosition[0] = BigInt(oldest)
    pokeU32(position, (sample.length | flags) >>> 0)
    for (const [i, byte] of sample.entries()) poke(position + 8 + i, byte)
    ring.producerPosition[0] = BigInt(end)
  }
  const commit = (position: number, length: number) => pokeU32(position, length)
  return { ring, produce, commit }
}

function drain(ring: OverwriteRingMemory, limit?: number) {
  const records: number[][] = []
  const { count, overwritten } = drainOverwriteRing(
    ring,
    (data, offset, length) => records.push([...new Uint8Array(data.buffer, data.byteOffset + offset, length)]),
    new Uint8Array(ring.size),
    limit,
  )
  expect(count).toBe(records.length)
  return { records, overwritten }
}

describe('drainOverwriteRing', () => {
  it('hands over what is there, once', () => {
    const { ring, produce } = createRing(64)
    produce([1, 2, 3])
    produce([4])
    expect(unreadBytes(ring)).toBe(32)
    expect(drain(ring)).toEqual({ records: [[1, 2, 3], [4]], overwritten: 0 })
    expect(unreadBytes(ring)).toBe(0)
    expect(drain(ring)).toEqual({ records: [], overwritten: 0 })
  })

  it('says how many bytes were overwritten before they could be read', () => {
    const { ring, produce } = createRing(64)
    for (let i = 0; i < 6; i++) produce([i])
    expect(drain(ring)).toEqual({ records: [[2], [3], [4], [5]], overwritten: 32 })
  })

  it('stops at a record that is still being written, and skips discarded ones', () => {
    const { ring, produce, commit } = createRing(64)
    produce([9], DISCARDED)
    produce([1])
    produce([2], BUSY)
    produce([3])
    expect(drain(ring).records).toEqual([[1]])
    commit(32, 1)
    expect(drain(ring).records).toEqual([[2], [3]])
  })

  it('goes on from its limit', () => {
    const { ring, produce } = createRing(64)
    for (let i = 0; i < 4; i++) produce([i])
    expect(drain(ring, 3).records).toEqual([[0], [1], [2]])
    expect(drain(ring).records).toEqual([[3]])
  })

  it('leaves out what is overwritten while it copies', () => {
    const { ring, produce } = createRing(64)
    for (let i = 0; i < 4; i++) produce([i])
    const copy = new Uint8Array(64)
    // The producer overtakes the reader between its copy and its second look.
    const set = copy.set.bind(copy)
    copy.set = (bytes: ArrayLike<number>, offset?: number) => {
      set(bytes, offset)
      produce([4])
      copy.set = set
    }
    const records: number[] = []
    const read = drainOverwriteRing(ring, (data, offset) => records.push(data.getUint8(offset)), copy)
    expect([records, read]).toEqual([[1, 2, 3], { count: 3, overwritten: 16 }])
  })

  it('sees every record exactly once or counts it as overwritten, in order', () => {
    const step = fc.oneof(fc.record({ produce: fc.integer({ min: 0, max: 40 }) }), fc.record({ drain: fc.nat(5) }))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), steps => {
        const { ring, produce } = createRing(128)
        let number = 0
        let bytes = 0
        const seen: number[] = []
        let seenBytes = 0
        let overwritten = 0
        const read = (limit?: number) => {
          const result = drain(ring, limit)
          for (const record of result.records) {
            seen.push(record[0] ?? -1)
            seenBytes += (record.length + 15) & ~7
          }
          overwritten += result.overwritten
        }
        for (const s of steps) {
          if ('drain' in s) {
            read(s.drain)
          } else {
            produce(new Array(s.produce + 1).fill(number++ & 0xff))
            bytes += (s.produce + 1 + 15) & ~7
          }
        }
        read()
        expect(seenBytes + overwritten).toBe(bytes)
        expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b))
      }),
    )
  })
})
