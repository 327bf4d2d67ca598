import { readFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { MapMemory, mapMemory, Prot } from './memory'
import { createSys } from './sys'

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

const page = createSys().native.pageSize
const anonymous = { length: page, prot: Prot.Read | Prot.Write, flags: MapMemory.Private | MapMemory.Anonymous }

describe('Mapping', () => {
  it('is memory', () => {
    using mapping = mapMemory(createSys(), anonymous)
    const words = new Int32Array(mapping.buffer)
    Atomics.store(words, 5, 42)
    expect(new Int32Array(mapping.buffer)[5]).toBe(42)
    expect(mapping.buffer.byteLength).toBe(page)
  })

  it('can be read and written through stale views without harm', () => {
    const mapping = mapMemory(createSys(), anonymous)
    const stale = new Uint8Array(mapping.buffer)
    stale.fill(7)
    mapping.close()
    mapping.close()
    expect([undefined, 0]).toContain(stale[0])
    stale[1] = 9
    expect([undefined, 9]).toContain(stale[1])
    expect(() => mapping.buffer).toThrow('mapping of 4096 bytes is closed')
  })

  it('can be where a closed one was, which does not take it away when it is collected', async () => {
    const sys = createSys()
    const flags = anonymous.flags | MapMemory.FixedNoreplace
    const address = 1n << 45n
    let collected = false
    const watch = new FinalizationRegistry(() => {
      collected = true
    })
    const mapAndClose = () => {
      const mapping = mapMemory(sys, { ...anonymous, flags, address })
      watch.register(mapping.buffer, undefined)
      mapping.close()
    }
    mapAndClose()
    using mapping = mapMemory(sys, { ...anonymous, flags, address, length: 2 * page })
    expect(mapping.address).toBe(address)
    new Uint8Array(mapping.buffer).fill(5)
    for (let i = 0; i < 100 && !collected; i++) {
      collectGarbage()
      await new Promise(resolve => setTimeout(resolve, 10))
    }
    expect(new Uint8Array(mapping.buffer).every(byte => byte === 5)).toBe(true)
    expect(() => mapMemory(sys, { ...anonymous, flags, address })).toThrow(expect.objectContaining({ errnoName: 'EEXIST' }))
  })

  it('gives the address space back once no view is left, also where the context went first', async () => {
    const megabytes = () => Number(/VmSize:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024
    const before = megabytes()
    const flags = anonymous.flags | MapMemory.Noreserve
    for (let i = 0; i < 100; i++) mapMemory(createSys(), { ...anonymous, flags, length: 64 * 2 ** 20 }).close()
    for (let i = 0; i < 100 && megabytes() > before + 640; i++) {
      collectGarbage()
      await new Promise(resolve => setTimeout(resolve, 10))
    }
    expect(megabytes()).toBeLessThan(before + 640)
  })

  it('says why it cannot be', () => {
    expect(() => mapMemory(createSys(), { ...anonymous, length: 0 })).toThrow(/mmap failed with EINVAL/)
  })
})
