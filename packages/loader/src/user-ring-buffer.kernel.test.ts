import { setTimeout } from 'node:timers/promises'
import { struct, UserRingBuffer, u32 } from '@bpf/maps'
import { describe, expect, it } from 'vitest'
import type { LoadedObject } from './loaded-object'
import { isRoot, kernelTest } from './testing/kernel'

const request = struct({ kind: u32, amount: u32 })
/** Bytes of a request in the ring, with its header. */
const slot = 16

describe.skipIf(!isRoot)('user ring buffers (needs root, Linux 6.1)', () => {
  const { context, openFixture } = kernelTest()

  const load = async () => (await openFixture('features/user-ring.o')).load()
  const openRing = (object: LoadedObject) => {
    const { fd, shape } = object.map('requests')
    return new UserRingBuffer({ sys: context.sys, mapFd: fd, size: shape.maxEntries, codec: request, name: 'requests' })
  }
  const drain = (object: LoadedObject) => expect(object.program('drain').run().returnValue).toBe(0)
  const drained = (object: LoadedObject) => [Number(object.variable('drained').get()), Number(object.variable('total').get())]
  const capacity = (object: LoadedObject) => object.map('requests').shape.maxEntries / slot

  it('hands values to the program', async () => {
    using object = await load()
    using ring = openRing(object)
    expect([ring.push({ kind: 1, amount: 5 }), ring.push({ kind: 2, amount: 7 })]).toEqual([true, true])
    drain(object)
    expect(drained(object)).toEqual([2, 12])
  })

  it('says when there is no room, and has some again when the program has read', async () => {
    using object = await load()
    using ring = openRing(object)
    for (let i = 0; i < capacity(object); i++) expect(ring.push({ kind: 0, amount: 1 })).toBe(true)
    expect(ring.push({ kind: 0, amount: 1 })).toBe(false)
    drain(object)
    expect(ring.push({ kind: 0, amount: 1 })).toBe(true)
    drain(object)
    expect(drained(object)).toEqual([capacity(object) + 1, capacity(object) + 1])
  })

  it('waits for room without blocking', async () => {
    using object = await load()
    using ring = openRing(object)
    const count = 10 * capacity(object)
    let drains = 0
    const timer = setInterval(() => {
      drain(object)
      drains++
    }, 2)
    for (let i = 0; i < count; i++) await ring.pushWhenRoom({ kind: 0, amount: i })
    clearInterval(timer)
    drain(object)
    expect(drained(object)).toEqual([count, (count * (count - 1)) / 2])
    expect(drains).toBeGreaterThan(5)
  })

  it('serves several that wait in order, without those that give up', async () => {
    using object = await load()
    using ring = openRing(object)
    const count = 2 * capacity(object)
    const served: number[] = []
    const push = (amount: number, signal?: AbortSignal) =>
      ring.pushWhenRoom({ kind: 0, amount }, { signal }).then(() => served.push(amount))
    const stop = new AbortController()
    const waiting = Array.from({ length: count }, (_, amount) => push(amount))
    const given = push(count, stop.signal)
    const last = push(count + 1)
    stop.abort(new Error('no longer'))
    await expect(given).rejects.toThrow('no longer')
    const timer = setInterval(() => drain(object), 2)
    await Promise.all([...waiting, last]).finally(() => clearInterval(timer))
    drain(object)
    expect(served).toEqual([...Array.from({ length: count }, (_, amount) => amount), count + 1])
    expect(drained(object)).toEqual([count + 1, (count * (count + 1)) / 2 + 1])
  })

  it('gives up waiting on abort, and on close', async () => {
    using object = await load()
    const ring = openRing(object)
    while (ring.push({ kind: 0, amount: 1 })) {}
    await expect(ring.pushWhenRoom({ kind: 0, amount: 1 }, { signal: AbortSignal.timeout(10) })).rejects.toThrow('timeout')
    const waiting = ring.reserveWhenRoom(8)
    await setTimeout(5)
    ring.close()
    ring.close()
    await expect(waiting).rejects.toThrow('user ring buffer "requests" is closed')
    expect(() => ring.push({ kind: 0, amount: 1 })).toThrow('is closed')
    expect(context.sys.reactor.size).toBe(0)
  })

  it('lets room be filled at leisure, submitted or given back', async () => {
    using object = await load()
    using ring = openRing(object)
    const first = ring.reserve(8)
    const second = await ring.reserveWhenRoom(8)
    second.data.setUint32(4, 30, true)
    second.submit()
    drain(object)
    expect(drained(object)).toEqual([0, 0])
    first?.discard()
    first?.submit()
    drain(object)
    expect(drained(object)).toEqual([1, 30])
  })

  it('is not held up by room that an exception kept from being submitted', async () => {
    using object = await load()
    using ring = openRing(object)
    const failing = () => {
      using _room = ring.reserve(8)
      throw new Error('no value')
    }
    expect(failing).toThrow('no value')
    using room = ring.reserve(8)
    room?.data.setUint32(4, 30, true)
    room?.submit()
    drain(object)
    expect(drained(object)).toEqual([1, 30])
  })

  it('writes without making anything, and gives back what could not be filled', async () => {
    using object = await load()
    using ring = openRing(object)
    const failing = () =>
      ring.write(8, () => {
        throw new Error('no value')
      })
    expect(failing).toThrow('no value')
    expect(ring.write(8, (data, offset) => data.setUint32(offset + 4, 9, true))).toBe(true)
    drain(object)
    expect(drained(object)).toEqual([1, 9])
  })

  it('refuses values that the type cannot hold and samples that never fit', async () => {
    using object = await load()
    using ring = openRing(object)
    expect(() => ring.push({ kind: -1, amount: 0 })).toThrow('expected an unsigned 32-bit integer, got -1 (number)')
    for (const length of [-1, 0.5, Number.NaN, 4096])
      expect(() => ring.reserve(length)).toThrow(`a sample of ${length} bytes; it takes 0 to 4088`)
    ring.push({ kind: 0, amount: 4 })
    drain(object)
    expect(drained(object)).toEqual([1, 4])
  })

  it('takes bytes where nobody says how values are written', async () => {
    using object = await load()
    using ring = new UserRingBuffer({ sys: context.sys, mapFd: object.map('requests').fd })
    const requestOf = (amount: number, rest: readonly number[] = []) => Uint8Array.of(0, 0, 0, 0, amount, 0, 0, 0, ...rest)
    for (const bytes of [requestOf(11), requestOf(5, [1, 2, 3, 4]), requestOf(7)]) expect(ring.push(bytes)).toBe(true)
    drain(object)
    expect(drained(object)).toEqual([3, 23])
  })
})
