import { describe, expect, it } from 'vitest'
import { viewOf } from './codec'
import { buildIdStackCodec, cgroupStorageKey, cpumapValue, devmapValue, insnArrayValue, stackCodec } from './kernel-values'

describe('values that the kernel prescribes', () => {
  it('have the sizes of its structs', () => {
    const sizes = [devmapValue, cpumapValue, cgroupStorageKey, insnArrayValue].map(({ size }) => size)
    expect(sizes).toEqual([8, 8, 16, 16])
  })

  it('stacks are addresses up to the first zero', () => {
    const words = BigUint64Array.of(0xffffffff81000000n, 2n, 0n, 0n)
    const view = new DataView(words.buffer)
    expect(stackCodec(32).decode(view, 0)).toEqual([0xffffffff81000000n, 2n])
    expect(stackCodec(16).decode(view, 0)).toEqual([0xffffffff81000000n, 2n])
    expect(stackCodec(16).decode(view, 16)).toEqual([])
  })

  it('stacks of files are build ids with offsets, or addresses where there is none', () => {
    const memory = new Uint8Array(96)
    const view = viewOf(memory)
    view.setInt32(0, 1, true)
    memory.fill(0xab, 4, 24)
    view.setBigUint64(24, 0x1234n, true)
    view.setInt32(32, 2, true)
    view.setBigUint64(56, 0x7fff_0000n, true)
    expect(buildIdStackCodec(96).decode(view, 0)).toEqual([
      { kind: 'file', buildId: 'ab'.repeat(20), offset: 0x1234n },
      { kind: 'address', address: 0x7fff_0000n },
    ])
  })

  it('stacks are not ours to write', () => {
    expect(() => stackCodec(8).encode([], viewOf(new Uint8Array(8)), 0)).toThrow('only the kernel writes stack traces')
  })
})
