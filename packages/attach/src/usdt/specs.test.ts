import { describe, expect, it } from 'vitest'
import type { UsdtArgument } from './arguments'
import { encodeSpec, specLayouts, UsdtSpecError } from './specs'

const [old, current] = specLayouts
const register: UsdtArgument = { size: 4, signed: true, place: { kind: 'register', register: 112 } }
const memory: UsdtArgument = { size: 8, signed: false, place: { kind: 'memory', register: 32, offset: -16n } }
const indexed: UsdtArgument = { size: 1, signed: false, place: { kind: 'indexed', register: 32, index: 80, shift: 3, offset: 4n } }
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

describe('the specification of a probe', () => {
  it('as libbpf wrote it up to 1.6', () => {
    const bytes = encodeSpec(old, [register, memory], 0x1122n)
    expect(bytes).toHaveLength(208)
    // Value or offset, type of 4 bytes, register, signed, shift.
    expect(hex(bytes.subarray(0, 16))).toBe('0000000000000000' + '01000000' + '7000' + '01' + '20')
    expect(hex(bytes.subarray(16, 32))).toBe('f0ffffffffffffff' + '02000000' + '2000' + '00' + '00')
    expect(hex(bytes.subarray(192))).toBe('2211000000000000' + '0200' + '000000000000')
  })

  it('as libbpf writes it since 1.7', () => {
    const bytes = encodeSpec(current, [indexed], 0n)
    expect(bytes).toHaveLength(304)
    // Value or offset, type, index register and shift, reserved, register, signed, shift, padding.
    expect(hex(bytes.subarray(0, 24))).toBe('0400000000000000' + '0300' + '5030' + '0000' + '2000' + '00' + '38' + '000000000000')
    expect(hex(bytes.subarray(288))).toBe('0000000000000000' + '0100' + '000000000000')
  })

  it('had no indexed arguments once', () => {
    expect(() => encodeSpec(old, [indexed], 0n)).toThrow(UsdtSpecError)
  })

  it('holds twelve arguments', () => {
    const many = Array.from({ length: 13 }, () => register)
    expect(encodeSpec(current, many.slice(1), 0n)).toHaveLength(304)
    expect(() => encodeSpec(current, many, 0n)).toThrow('the probe has 13 arguments, programs can see 12')
  })
})
