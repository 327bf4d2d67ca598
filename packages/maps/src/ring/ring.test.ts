import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drainRing, type RingMemory } from './ring'

/** A ring on plain memory, with the producer's side written as the kernel does it. */
function createRing(size: number, startPosition = 0n, ordered = true) {
  const buffer = new ArrayBuffer(size * 2)
  const ring: RingMemory = {
    consumerPosition: new BigUint64Array([startPosition]),
    producerPosition: new BigUint64Array([startPosition]),
    data: new DataView(buffer),
    words: new Int32Array(buffer),
    size,
    ordered,
  }
  /** Writes both copies of a byte, as the double mapping does. */
  const poke = (position: number, byte: number) => {
    const at = position % size
    ring.data.setUint8(at, byte)
    ring.data.setUint8(at + size, byte)
  }
  const pokeU32 = (position: number, value: number) => {
    for (let i = 0; i < 4; i++) poke(position + i, (value >>> (8 * i)) & 0xff)
  }

  const produce = (sample: readonly number[], flags = 0) => {
    const position = Number(ring.producerPosition[0])
    const total = (sample.length + 8 + 7) & ~7
    if (total > size - pendingBytes(ring)) return false
    pokeU32(position, (sample.length | flags) >>> 0)
    for (const [i, byte] of sample.entries()) poke(position + 8 + i, byte)
    ring.producerPosition[0] = BigInt(position + total)
    return true
  }
  const commit = (position: number, length: number) => pokeU32(position, length)
  return { ring, produce, commit }
}

function pendingBytes(ring: RingMemory): number {
  return Number(ring.producerPosition[0]) - Number(ring.consumerPosition[0])
}

const BUSY = 0x80000000
const DISCARDED = 0x40000000

function drain(ring: RingMemory, limit?: number): number[][] {
  const records: number[][] = []
  drainRing(ring, (data, offset, length) => records.push([...new Uint8Array(data.buffer, offset, length)]), limit)
  return records
}

describe('drainRing', () => {
  it('hands over committed records in order and frees their space', () => {
    const { ring, produce } = createRing(64)
    produce([1, 2, 3])
    produce([4])
    expect(drain(ring)).toEqual([[1, 2, 3], [4]])
    expect(pendingBytes(ring)).toBe(0)
  })

  it('skips discarded records and stops at one that is still being written', () => {
    const { ring, produce, commit } = createRing(64)
    produce([9], DISCARDED)
    produce([1])
    produce([2], BUSY)
    produce([3])
    expect(drain(ring)).toEqual([[1]])
    commit(32, 1)
    expect(drain(ring)).toEqual([[2], [3]])
  })

  it('reads a record that crosses the end in one piece', () => {
    const { ring, produce } = createRing(32)
    produce([1, 1, 1, 1, 1, 1, 1, 1])
    drain(ring)
    produce([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16])
    expect(drain(ring)).toEqual([[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]])
  })

  it('works at positions above 32 bits', () => {
    const { ring, produce } = createRing(64, 2n ** 32n - 16n)
    produce([7])
    produce([8])
    expect(drain(ring)).toEqual([[7], [8]])
    expect(ring.consumerPosition[0]).toBe(2n ** 32n + 16n)
  })

  it('stops at the limit and goes on from there', () => {
    const { ring, produce } = createRing(128)
    for (let i = 0; i < 5; i++) produce([i])
    expect(drain(ring, 2)).toEqual([[0], [1]])
    expect(drain(ring, 0)).toEqual([])
    expect(drain(ring)).toEqual([[2], [3], [4]])
  })

  it('frees what was handed over even when the callback throws', () => {
    const { ring, produce } = createRing(64)
    produce([1])
    produce([2])
    const failing = () => {
      throw new Error('consumer bug')
    }
    expect(() => drainRing(ring, failing)).toThrow('consumer bug')
    expect(drain(ring)).toEqual([[2]])
  })

  it('gives space back while it reads, not only at the end', () => {
    const { ring, produce } = createRing(128)
    for (let i = 0; i < 8; i++) produce([i])
    const free: number[] = []
    drainRing(ring, () => free.push(128 - pendingBytes(ring)))
    expect(free).toEqual([0, 16, 32, 48, 64, 80, 96, 112])
  })

  it('reads what is produced while it reads', () => {
    const { ring, produce } = createRing(128)
    produce([1])
    const seen: number[] = []
    drainRing(ring, (data, offset) => {
      const value = data.getUint8(offset)
      seen.push(value)
      if (value < 5) produce([value + 1])
    })
    expect(seen).toEqual([1, 2, 3, 4, 5])
  })

  it('reports a record that no kernel writes, skips what is there and goes on behind it', () => {
    const { ring, produce, commit } = createRing(64)
    produce([1])
    produce([2])
    commit(0, 4096)
    expect(() => drain(ring)).toThrow('ring buffer record of 4096 bytes in a ring of 64')
    produce([3])
    expect(drain(ring)).toEqual([[3]])
  })

  it('loses nothing and invents nothing over any interleaving', () => {
    const step = fc.oneof(
      fc.record({ produce: fc.array(fc.nat(255), { maxLength: 40 }), discard: fc.boolean() }),
      fc.record({ drain: fc.nat(4) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.boolean(), (steps, ordered) => {
        const { ring, produce } = createRing(128, 0n, ordered)
        const sent: number[][] = []
        const received: number[][] = []
        for (const s of steps) {
          if ('drain' in s) received.push(...drain(ring, s.drain))
          else if (produce(s.produce, s.discard ? DISCARDED : 0) && !s.discard) sent.push(s.produce)
        }
        received.push(...drain(ring))
        expect(received).toEqual(sent)
        expect(pendingBytes(ring)).toBe(0)
      }),
    )
  })
})
