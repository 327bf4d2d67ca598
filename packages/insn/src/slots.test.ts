import { BoundsError } from '@bpf/bytes'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  CodeSizeError,
  getDst,
  getImm,
  getImm64,
  getOff,
  getSrc,
  isHelperCall,
  isKfuncCall,
  isPseudoCall,
  readSlot,
  type Slot,
  setDst,
  setImm,
  setImm64,
  setOff,
  setSrc,
  slotCount,
  slotsAt,
  swapCode,
  writeSlot,
} from './index'

/** `r1 = *(u64 *)(r2 - 8)` in either byte order, with a value in the unused `imm`. */
const little = Uint8Array.from([0x79, 0x21, 0xf8, 0xff, 0x04, 0x03, 0x02, 0x81])
const big = Uint8Array.from([0x79, 0x12, 0xff, 0xf8, 0x81, 0x02, 0x03, 0x04])
const fields: Slot = { opcode: 0x79, dst: 1, src: 2, off: -8, imm: 0x81020304 | 0 }

describe('a slot', () => {
  it('has its register places swapped in big-endian code', () => {
    expect(readSlot(little, 0, true)).toEqual(fields)
    expect(readSlot(big, 0, false)).toEqual(fields)
    expect(swapCode(little)).toEqual(big)
    expect(swapCode(big)).toEqual(little)
  })

  it('is read field by field as it is read whole', () => {
    for (const [code, order] of [
      [little, true],
      [big, false],
    ] as const) {
      expect([getDst(code, 0, order), getSrc(code, 0, order), getOff(code, 0, order), getImm(code, 0, order)]).toEqual([
        1,
        2,
        -8,
        fields.imm,
      ])
    }
  })

  it('is written as it is read, field by field or whole', () => {
    const slot = fc.record({
      opcode: fc.integer({ min: 0, max: 255 }),
      dst: fc.integer({ min: 0, max: 15 }),
      src: fc.integer({ min: 0, max: 15 }),
      off: fc.integer({ min: -0x8000, max: 0x7fff }),
      imm: fc.integer({ min: -0x80000000, max: 0x7fffffff }),
    })
    fc.assert(
      fc.property(slot, slot, fc.boolean(), (before, after, order) => {
        const code = new Uint8Array(24).fill(0xa5)
        writeSlot(code, 1, before, order)
        expect(readSlot(code, 1, order)).toEqual(before)
        setDst(code, 1, after.dst, order)
        setSrc(code, 1, after.src, order)
        setOff(code, 1, after.off, order)
        setImm(code, 1, after.imm, order)
        expect(readSlot(code, 1, order)).toEqual({ ...after, opcode: before.opcode })
        expect([code[7], code[16]]).toEqual([0xa5, 0xa5])
      }),
    )
  })

  it('outside the code is an error that says where', () => {
    expect(() => readSlot(little, 1, true)).toThrow(BoundsError)
    expect(() => getImm(little, -1, true)).toThrow('code, slot -1')
    expect(() => setImm(little, 0.5, 0, true)).toThrow(BoundsError)
  })
})

describe('slotCount', () => {
  it('refuses code that is not made of slots', () => {
    expect(slotCount(new Uint8Array(16))).toBe(2)
    expect(() => slotCount(new Uint8Array(9))).toThrow(CodeSizeError)
  })
})

describe('a 64-bit immediate', () => {
  it('takes two slots, lower half first, in either byte order', () => {
    for (const order of [true, false]) {
      const code = new Uint8Array(16)
      code[0] = 0x18
      setImm64(code, 0, -2n, order)
      expect([getImm(code, 0, order), getImm(code, 1, order), getImm64(code, 0, order)]).toEqual([-2, -1, 2n ** 64n - 2n])
      expect(slotsAt(code, 0)).toBe(2)
      expect(slotsAt(code.subarray(0, 8), 0)).toBe(1)
    }
  })
})

describe('a call', () => {
  it('is of a helper, a function of the program or a kernel function', () => {
    const code = new Uint8Array(8)
    const kinds = [0, 1, 2].map(source => {
      writeSlot(code, 0, { opcode: 0x85, dst: 0, src: source, off: 0, imm: 1 }, true)
      return [isHelperCall(code, 0, true), isPseudoCall(code, 0, true), isKfuncCall(code, 0, true)]
    })
    expect(kinds).toEqual([
      [true, false, false],
      [false, true, false],
      [false, false, true],
    ])
  })
})
