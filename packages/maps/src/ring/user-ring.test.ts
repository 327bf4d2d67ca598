import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { discardSample, reserveSample, sampleLimit, submitSample, type UserRingMemory } from './user-ring'

/** A ring on plain memory, with the program's side read as the kernel does it. */
function createRing(size: number) {
  const pages = new ArrayBuffer(size)
  const ring: UserRingMemory = {
    consumerPosition: new BigUint64Array(1),
    producerPosition: new BigUint64Array(1),
    // One copy is enough for samples that do not wrap; those that do are looked at by offset only.
    data: new DataView(pages),
    words: new Int32Array(pages),
    size,
    ordered: true,
  }
  /** Lengths of the samples that the program gets, up to the first that is not committed. */
  const consume = () => {
    const lengths: number[] = []
    let position = Number(ring.consumerPosition[0])
    while (position < Number(ring.producerPosition[0])) {
      const header = ring.data.getUint32(position % size, true)
      if (header >= 0x8000_0000) break
      const length = header & 0x3fff_ffff
      if ((header & 0x4000_0000) === 0) lengths.push(length)
      position += (length + 15) & ~7
    }
    ring.consumerPosition[0] = BigInt(position)
    return lengths
  }
  return { ring, consume }
}

describe('the producer of a user ring buffer', () => {
  it('shows samples to the program when they are submitted, in the order of reservation', () => {
    const { ring, consume } = createRing(64)
    const first = reserveSample(ring, 3)
    const second = reserveSample(ring, 8)
    submitSample(ring, second)
    expect([first, second, consume()]).toEqual([8, 24, []])
    submitSample(ring, first)
    expect(consume()).toEqual([3, 8])
  })

  it('does not show what was discarded', () => {
    const { ring, consume } = createRing(64)
    discardSample(ring, reserveSample(ring, 3))
    submitSample(ring, reserveSample(ring, 4))
    expect(consume()).toEqual([4])
  })

  it('has no room when it is full, and some again when the program has read', () => {
    const { ring, consume } = createRing(32)
    submitSample(ring, reserveSample(ring, 8))
    submitSample(ring, reserveSample(ring, 8))
    expect(reserveSample(ring, 0)).toBe(-1)
    consume()
    expect(reserveSample(ring, 24)).toBe(8)
  })

  it('takes samples up to the whole ring, and none that a program could not be given', () => {
    const { ring } = createRing(32)
    expect(sampleLimit(ring)).toBe(24)
    expect(sampleLimit({ ...ring, size: 2 ** 30 })).toBe(0xff_ffff)
  })

  it('loses nothing and reorders nothing over any interleaving', () => {
    const step = fc.oneof(fc.record({ push: fc.nat(60), discard: fc.boolean() }), fc.constant('consume' as const))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), steps => {
        const { ring, consume } = createRing(128)
        const sent: number[] = []
        const received: number[] = []
        for (const s of steps) {
          if (s === 'consume') {
            received.push(...consume())
            continue
          }
          const offset = reserveSample(ring, s.push)
          if (offset === -1) continue
          if (s.discard) discardSample(ring, offset)
          else submitSample(ring, offset)
          if (!s.discard) sent.push(s.push)
        }
        received.push(...consume())
        expect(received).toEqual(sent)
      }),
    )
  })
})
