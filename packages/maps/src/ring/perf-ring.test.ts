import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createScratch, drainPerfRing, type PerfRingMemory, readBackwardRing } from './perf-ring'

const SAMPLE = 9
const LOST = 2

function createRing(size: number) {
  const data = new Uint8Array(size)
  const ring: PerfRingMemory = { head: new BigUint64Array(1), tail: new BigUint64Array(1), data, view: new DataView(data.buffer) }
  const write = (bytes: Uint8Array) => {
    const head = Number(ring.head[0])
    if (head - Number(ring.tail[0]) + bytes.length > size) return false
    for (const [i, byte] of bytes.entries()) ring.data[(head + i) % size] = byte
    ring.head[0] = BigInt(head + bytes.length)
    return true
  }
  const sample = (payload: readonly number[]) => {
    const length = (8 + 4 + payload.length + 7) & ~7
    const record = new DataView(new ArrayBuffer(length))
    record.setUint32(0, SAMPLE, true)
    record.setUint16(6, length, true)
    record.setUint32(8, payload.length, true)
    const bytes = new Uint8Array(record.buffer)
    bytes.set(payload, 12)
    return write(bytes)
  }
  const lost = (count: number) => {
    const record = new DataView(new ArrayBuffer(24))
    record.setUint32(0, LOST, true)
    record.setUint16(6, 24, true)
    record.setBigUint64(16, BigInt(count), true)
    return write(new Uint8Array(record.buffer))
  }
  return { ring, write, sample, lost }
}

function drain(ring: PerfRingMemory, limit?: number) {
  const samples: number[][] = []
  let lost = 0
  const handlers = {
    onSample: (data: DataView, offset: number, length: number) => {
      samples.push([...new Uint8Array(data.buffer, data.byteOffset + offset, length)])
    },
    onLost: (count: number) => {
      lost += count
    },
  }
  drainPerfRing(ring, handlers, createScratch(), limit)
  return { samples, lost }
}

describe('drainPerfRing', () => {
  it('hands over samples and lost counts', () => {
    const { ring, sample, lost } = createRing(128)
    sample([1, 2, 3, 4])
    lost(17)
    sample([5])
    expect(drain(ring)).toEqual({ samples: [[1, 2, 3, 4], [5]], lost: 17 })
    expect(ring.tail[0]).toBe(ring.head[0])
  })

  it('puts a wrapped record together', () => {
    const { ring, sample } = createRing(64)
    sample([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1])
    drain(ring)
    const long = Array.from({ length: 44 }, (_, i) => i)
    sample(long)
    expect(drain(ring).samples).toEqual([long])
  })

  it('reports nonsense, skips it and goes on behind it', () => {
    const { ring, sample } = createRing(64)
    ring.head[0] = 16n
    expect(() => drain(ring)).toThrow('perf record of 0 bytes where 16 are')
    sample([7])
    expect(drain(ring).samples).toEqual([[7]])
  })

  it('passes over records that are neither samples nor losses', () => {
    const { ring, write, sample } = createRing(64)
    const throttle = new DataView(new ArrayBuffer(16))
    throttle.setUint32(0, 5, true)
    throttle.setUint16(6, 16, true)
    write(new Uint8Array(throttle.buffer))
    sample([1])
    expect(drain(ring)).toEqual({ samples: [[1]], lost: 0 })
  })

  it('counts a record that its handler refuses as read', () => {
    const { ring, sample } = createRing(64)
    sample([1])
    sample([2])
    const onSample = () => {
      throw new Error('consumer bug')
    }
    expect(() => drainPerfRing(ring, { onSample, onLost: () => {} }, createScratch())).toThrow('consumer bug')
    expect(drain(ring).samples).toEqual([[2]])
  })

  it('loses nothing over any interleaving', () => {
    const step = fc.oneof(fc.array(fc.nat(255), { maxLength: 60 }), fc.constant('drain' as const))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), steps => {
        const { ring, sample } = createRing(256)
        const sent: number[][] = []
        const received: number[][] = []
        for (const s of steps) {
          if (s === 'drain') received.push(...drain(ring, 2).samples)
          else if (sample(s)) sent.push(s)
        }
        received.push(...drain(ring).samples)
        expect(received).toEqual(sent)
      }),
    )
  })
})

/** The kernel's side of a ring that it writes backwards: each record begins where the one before it began, less its size. */
function createBackwardRing(size: number) {
  const { ring } = createRing(size)
  let head = 0n
  const sample = (payload: readonly number[]) => {
    const length = (8 + 4 + payload.length + 7) & ~7
    const record = new DataView(new ArrayBuffer(length))
    record.setUint32(0, SAMPLE, true)
    record.setUint16(6, length, true)
    record.setUint32(8, payload.length, true)
    const bytes = new Uint8Array(record.buffer)
    bytes.set(payload, 12)
    head = BigInt.asUintN(64, head - BigInt(length))
    const start = Number(head % BigInt(size))
    for (const [i, byte] of bytes.entries()) ring.data[(start + i) % size] = byte
    ring.head[0] = head
  }
  const read = () => {
    const samples: number[][] = []
    const onSample = (data: DataView, offset: number, length: number) => {
      samples.push([...new Uint8Array(data.buffer, data.byteOffset + offset, length)])
    }
    readBackwardRing(ring, { onSample, onLost: () => {} }, createScratch())
    return samples
  }
  return { sample, read }
}

describe('readBackwardRing', () => {
  it('is empty before anything is written', () => {
    expect(createBackwardRing(64).read()).toEqual([])
  })

  it('lists what is there from the oldest, and again', () => {
    const { sample, read } = createBackwardRing(64)
    sample([1])
    sample([2])
    expect(read()).toEqual([[1], [2]])
    sample([3])
    expect(read()).toEqual([[1], [2], [3]])
  })

  it('always shows the latest samples that fit, whole', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(255), { maxLength: 40 }), { maxLength: 40 }), payloads => {
        const { sample, read } = createBackwardRing(256)
        for (const payload of payloads) sample(payload)
        let room = 256
        let fitting = 0
        for (const payload of [...payloads].reverse()) {
          room -= (8 + 4 + payload.length + 7) & ~7
          if (room < 0) break
          fitting++
        }
        expect(read()).toEqual(payloads.slice(payloads.length - fitting))
      }),
    )
  })
})
