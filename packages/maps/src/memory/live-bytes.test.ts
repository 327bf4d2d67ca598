import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LiveBytes } from './live-bytes'

describe('LiveBytes', () => {
  it('reads and writes any range, and nothing beside it', () => {
    fc.assert(
      fc.property(fc.nat(63), fc.integer({ min: 1, max: 16 }), fc.nat(255), (offset, wanted, byte) => {
        const memory = new Uint8Array(64).map((_, i) => i)
        const size = Math.min(wanted, 64 - offset)
        const live = new LiveBytes(memory.buffer, 16)
        const copy = live.read(offset, size)
        expect([...new Uint8Array(copy.buffer, copy.byteOffset, size)]).toEqual([...memory.subarray(offset, offset + size)])
        const expected = [...memory].fill(byte, offset, offset + size)
        live.write(offset, size, view => new Uint8Array(view.buffer, view.byteOffset, size).fill(byte))
        expect([...memory]).toEqual(expected)
      }),
    )
  })

  it('leaves the memory alone when there is nothing to write after all', () => {
    const memory = new Uint8Array(8).fill(7)
    const failing = () =>
      new LiveBytes(memory.buffer, 8).write(0, 8, view => {
        view.setUint8(0, 1)
        throw new Error('does not fit')
      })
    expect(failing).toThrow('does not fit')
    expect([...memory]).toEqual(new Array(8).fill(7))
  })
})
