import { describe, expect, it } from 'vitest'
import { parseElement, splitWords } from './element-words'

const key = (size: number, typed = false) => ({ noun: 'key', size, typed }) as const

describe('splitWords', () => {
  it('takes keys and values apart, with keywords or one word each', () => {
    expect(splitWords(['key', '1', '0', 'value', 'hex', 'ff'])).toEqual({ key: ['1', '0'], value: ['hex', 'ff'] })
    expect(splitWords(['1', '2'])).toEqual({ key: ['1'], value: ['2'] })
    expect(() => splitWords(['1', '2', '3'])).toThrow('a key and a value are needed')
  })
})

describe('parseElement', () => {
  it('takes bytes in hex, or one by one', () => {
    expect(parseElement(['hex', '00', 'ff'], key(2, true))).toEqual(Uint8Array.of(0, 255))
    expect(parseElement(['key', 'hex', '00ff'], key(2))).toEqual(Uint8Array.of(0, 255))
    expect(parseElement(['1', '0x10', '0', '0'], key(4))).toEqual(Uint8Array.of(1, 16, 0, 0))
  })

  it('leaves typed values to the type', () => {
    expect(parseElement(['7'], key(4, true))).toBe(7)
    expect(parseElement(['{"pid":1}'], key(4, true))).toEqual({ pid: 1 })
    expect(parseElement(['10.0.0.0/8'], key(8))).toBe('10.0.0.0/8')
  })

  it('writes numbers of unknown type as the machine does', () => {
    expect(parseElement(['258'], key(4))).toEqual(Uint8Array.of(2, 1, 0, 0))
    expect(parseElement(['-1'], key(2))).toEqual(Uint8Array.of(255, 255))
    expect(() => parseElement(['256'], key(1))).toThrow('does not fit into 1 bytes')
  })

  it('says what is wrong', () => {
    expect(() => parseElement([], key(4))).toThrow('the key is missing')
    expect(() => parseElement(['1', '2'], key(4))).toThrow('the key is 4 bytes, got 2')
    expect(() => parseElement(['1', '256'], key(2))).toThrow('256 is no byte')
    expect(() => parseElement(['hex', 'xy'], key(1))).toThrow('not pairs of hex digits')
    expect(() => parseElement(['{"pid":'], key(4, true))).toThrow('not JSON')
  })
})
