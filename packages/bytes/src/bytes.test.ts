import { describe, expect, it } from 'vitest'
import {
  BoundsError,
  BpfError,
  ByteWriter,
  Cursor,
  copyBytes,
  decodeCString,
  fits,
  flagNames,
  groupBy,
  nameOf,
  nearNames,
  plainBytes,
  toHex,
  UnsafeIntegerError,
} from './index'

const cursor = (bytes: number[], littleEndian = true) => new Cursor(Uint8Array.from(bytes), { littleEndian, context: 'section .BTF' })

describe('Cursor', () => {
  it('reads either byte order', () => {
    expect(cursor([1, 2, 3, 4]).u32()).toBe(0x04030201)
    expect(cursor([1, 2, 3, 4], false).u32()).toBe(0x01020304)
    expect(cursor([1, 0, 0, 0, 0, 0, 0, 0x80]).u64()).toBe(0x8000000000000001n)
  })

  it('names the context, the offset and the size when a read does not fit', () => {
    expect(() => cursor([1, 2, 3]).skip(2).u32()).toThrow('section .BTF: read of 4 bytes at 0x2 is past the end (3 bytes)')
    expect(() => cursor([]).bytes(2 ** 53)).toThrow(BoundsError)
  })

  it('leaves the offset where it was when a read fails', () => {
    const c = cursor([1, 2, 3])
    expect(() => c.u32()).toThrow(BoundsError)
    expect(c.offset).toBe(0)
  })

  it('refuses 64-bit sizes that no file can have', () => {
    expect(cursor([0, 0, 0, 0, 1, 0, 0, 0]).size64()).toBe(2 ** 32)
    expect(() => cursor([255, 255, 255, 255, 255, 255, 255, 255]).size64()).toThrow(UnsafeIntegerError)
  })

  it('slices without copying', () => {
    const bytes = Uint8Array.from([1, 2, 3, 4])
    const inner = new Cursor(bytes, { littleEndian: true, context: 'outer' }).slice(1, 2, 'inner')
    bytes[1] = 9
    expect([inner.u8(), inner.remaining]).toEqual([9, 1])
    expect(() => inner.slice(1, 2, 'x')).toThrow('inner: read of 2 bytes at 0x1')
  })
})

describe('plainBytes', () => {
  it('makes slice() copy, whatever kind of Uint8Array it was', () => {
    class Sharing extends Uint8Array {
      override slice(start?: number, end?: number): Uint8Array<ArrayBuffer> {
        return new Uint8Array(this.buffer as ArrayBuffer).subarray(start, end)
      }
    }
    const bytes = new Sharing([1, 2, 3])
    const copy = plainBytes(bytes).slice()
    copy[0] = 9
    expect(bytes[0]).toBe(1)
    expect(plainBytes(bytes).buffer).toBe(bytes.buffer)
  })
})

describe('fits', () => {
  it('never wraps', () => {
    expect(fits(2 ** 53 - 1, 2 ** 53 - 1, 10)).toBe(false)
    expect(fits(-1, 1, 10)).toBe(false)
    expect(fits(Number.NaN, 1, 10)).toBe(false)
    expect(fits(10, 0, 10)).toBe(true)
  })
})

describe('ByteWriter', () => {
  it('grows, aligns and patches', () => {
    const w = new ByteWriter({ littleEndian: false, capacity: 1 })
    w.u32(0).u8(7).align(4).u16(0x0102).patchU32(0, w.length)
    expect(toHex(w.toBytes())).toBe('0000000a070000000102')
  })
})

describe('BpfError', () => {
  const brand = Symbol.for('@bpf/bytes:BpfError')
  const fromAnotherCopy: unknown = Object.assign(new Error('x'), { name: 'BoundsError', [brand]: true })

  it('is recognised across two copies of the package', () => {
    expect(fromAnotherCopy instanceof BpfError).toBe(true)
    expect(fromAnotherCopy instanceof BoundsError).toBe(true)
    expect(fromAnotherCopy instanceof UnsafeIntegerError).toBe(false)
    expect(new Error('x') instanceof BpfError).toBe(false)
  })
})

it('groupBy keeps the order of keys and of values', () => {
  expect([...groupBy(['ab', 'c', 'de', 'f'], ({ length }) => length)]).toEqual([
    [2, ['ab', 'de']],
    [1, ['c', 'f']],
  ])
})

describe('names', () => {
  const Kind = { Int: 1, Ptr: 2 } as const

  it('finds a name, flags and near names', () => {
    expect(nameOf(Kind, 2)).toBe('Ptr')
    expect(nameOf(Kind, 9)).toBeUndefined()
    expect(flagNames({ A: 1, B: 2 }, 0x42)).toEqual(['B', '0x40'])
    expect(nearNames('zz', ['lo', 'za', 'eth0'])).toEqual(['za'])
    expect(nearNames('sched_proces_exec', ['sched_process_exec', 'sched_process_exit', 'irq_handler'])).toEqual([
      'sched_process_exec',
      'sched_process_exit',
    ])
  })
})

describe('text', () => {
  it('stops at NUL', () => {
    expect(decodeCString(Uint8Array.from([0x61, 0x62, 0, 0x63]))).toBe('ab')
    expect(decodeCString(Uint8Array.from([0x61]))).toBe('a')
  })
})

describe('copyBytes', () => {
  it.each([0, 4, 32, 33, 100])('copies %i bytes, which stay what they were', length => {
    const memory = Uint8Array.from({ length: 120 }, (_, i) => i)
    const copy = copyBytes(new DataView(memory.buffer, 3), 5, length)
    memory.fill(255)
    expect(copy).toEqual(Uint8Array.from({ length }, (_, i) => i + 8))
    expect(copy.buffer.byteLength).toBe(length)
  })
})
