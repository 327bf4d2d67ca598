import { setTimeout } from 'node:timers/promises'
import { RingBuffer, type RingBufferOptions } from '@bpf/maps'
import { describe, expect, it } from 'vitest'
import type { LoadedObject } from './loaded-object'
import { duplicateTo } from './testing/duplicate-to'
import { isRoot, kernelTest } from './testing/kernel'
import { counters, readNumbered, Seen } from './testing/producers'

const NO_WAKEUP = 1n

describe.skipIf(!isRoot)('ring buffers (needs root)', () => {
  const { context, openFixture } = kernelTest()

  const load = async () => (await openFixture('features/producers.o')).load()
  const openRing = <T = number>(object: LoadedObject, options: Partial<RingBufferOptions<T>> = {}) => {
    const decode = readNumbered as unknown as RingBufferOptions<T>['decode']
    return new RingBuffer<T>({ sys: context.sys, mapFd: object.map('ring').fd, name: 'ring', decode, ...options })
  }
  const write = (object: LoadedObject, count: number) => object.program('write_ring').run({ repeat: count })
  const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i)

  describe('under a producer that never pauses', () => {
    const count = 2_000_000

    it.each(['listen', 'records', 'batches'] as const)('%s sees every record that found room, complete, once, in order', async way => {
      using object = await load()
      using ring = openRing(object)
      object.variable('discard').set(true)
      const seen = new Seen(count)
      let disorder = 0
      let last = -1
      const see = (number: number) => {
        seen.add(number)
        if (number <= last) disorder++
        last = number
      }
      const done = new AbortController()
      const producing = object
        .program('write_ring')
        .runAsync({ repeat: count })
        .finally(() => done.abort())
      if (way === 'listen') await ring.listen((...record) => see(readNumbered(...record)), { signal: done.signal })
      else if (way === 'records') for await (const number of ring.records({ signal: done.signal })) see(number)
      else for await (const batch of ring.batches({ signal: done.signal })) for (const number of batch) see(number)
      await producing
      const { next, lost, discarded } = counters(object)
      expect(next + lost).toBe(count)
      expect(seen.count).toBe(next - discarded)
      expect([seen.twice, disorder, ring.pending]).toEqual([0, 0, 0])
      expect(discarded).toBe(Math.floor(next / 8))
    })

    it('two producers at once lose and double nothing either', async () => {
      using object = await load()
      using ring = openRing(object)
      const seen = new Seen(count)
      const done = new AbortController()
      const half = () => object.program('write_ring').runAsync({ repeat: count / 2 })
      const producing = Promise.all([half(), half()]).finally(() => done.abort())
      await ring.listen((...record) => seen.add(readNumbered(...record)), { signal: done.signal })
      await producing
      const { next, lost } = counters(object)
      expect([next + lost, seen.count, seen.twice]).toEqual([count, next, 0])
    })
  })

  it('loses nothing while nobody reads, as long as there is room', async () => {
    using object = await load()
    using ring = openRing(object)
    write(object, 3000)
    expect(ring.pending).toBe(3000 * 72)
    expect(ring.flush()).toEqual(numbers(3000))
    expect([ring.pending, ring.flush()]).toEqual([0, []])
  })

  it('goes on where an iteration was left, however it was left', async () => {
    using object = await load()
    using ring = openRing(object)
    write(object, 5000)
    const seen: number[] = []
    for await (const number of ring.records()) if (seen.push(number) === 10) break
    for await (const batch of ring.batches()) {
      seen.push(...batch)
      break
    }
    const iterator = ring.records()
    seen.push((await iterator.next()).value ?? -1)
    seen.push(...ring.flush())
    expect(seen).toEqual(numbers(5000))
  })

  it('delivers what is there when it is aborted, and then ends', async () => {
    using object = await load()
    using ring = openRing(object)
    write(object, 3000)
    const seen: number[] = []
    for await (const number of ring.records({ signal: AbortSignal.abort() })) seen.push(number)
    expect(seen).toEqual(numbers(3000))
    const waiting = ring.records({ signal: AbortSignal.timeout(20) }).next()
    expect(await waiting).toEqual({ done: true, value: undefined })
  })

  it('wakes a waiting reader for each record, and only then', async () => {
    using object = await load()
    using ring = openRing(object)
    const records = ring.records()
    for (let i = 0; i < 100; i++) {
      const waiting = records.next()
      await setTimeout(i % 10 === 0 ? 1 : 0)
      write(object, 1)
      expect(await waiting).toEqual({ done: false, value: i })
    }
    await records.return()
  })

  it('misses no wake-up of a producer on another CPU, burst after burst', async () => {
    using object = await load()
    using ring = openRing(object)
    const rounds = 1000
    let expected = 0
    let seen = 0
    const records = ring.records()
    const produce = async () => {
      for (let round = 0; round < rounds; round++) {
        expected += 1 + (round % 7)
        await object.program('write_ring').runAsync({ repeat: 1 + (round % 7) })
      }
    }
    const producing = produce()
    const total = rounds * 4 - 3
    while (seen < total - 6) {
      // Whoever is not woken waits for ever here.
      const { value } = await records.next()
      expect(value).toBe(seen++)
    }
    await producing
    await records.return()
    expect(ring.flush().length).toBe(expected - seen)
  })

  it('sleeps while nothing comes, and while a slow reader is busy', async () => {
    let looks = 0
    using object = await load()
    using ring = openRing(object)
    const { native } = context.sys
    const { syscall } = native
    native.syscall = (nr, ...args) => {
      if (nr === native.arch.syscalls.epoll_pwait) looks++
      return syscall.call(native, nr, ...args)
    }
    try {
      const records = ring.records()
      const waiting = records.next()
      await setTimeout(100)
      expect(looks).toBeLessThanOrEqual(1)
      write(object, 1)
      expect((await waiting).value).toBe(0)
      // Records come, and nobody asks for them.
      looks = 0
      for (let i = 0; i < 20; i++) {
        write(object, 10)
        await setTimeout(2)
      }
      expect(looks).toBeLessThanOrEqual(2)
      await records.return()
    } finally {
      native.syscall = syscall
    }
  })

  it('does not notice records that were submitted without a wake-up, unless it is told to look', async () => {
    using object = await load()
    object.variable('ring_flags').set(NO_WAKEUP)
    using ring = openRing(object)
    const records = ring.records()
    const waiting = records.next()
    await setTimeout(10)
    write(object, 2)
    expect(await Promise.race([waiting, setTimeout(50, 'asleep')])).toBe('asleep')
    // The next wake-up brings the others along.
    object.variable('ring_flags').set(2n)
    write(object, 1)
    expect([await waiting, await records.next(), await records.next()].map(({ value }) => value)).toEqual([0, 1, 2])
    await records.return()
    object.variable('ring_flags').set(NO_WAKEUP)
    const looking = ring.records({ interval: 10 })
    const next = looking.next()
    await setTimeout(20)
    write(object, 1)
    expect((await next).value).toBe(3)
    await looking.return?.()
    write(object, 5)
    expect(ring.flush()).toEqual(numbers(5, 4))
  })

  it('ends a waiting reader when it is closed, and gives nothing afterwards', async () => {
    using object = await load()
    const ring = openRing(object)
    const waiting = ring.records().next()
    const listening = ring.listen(() => {})
    await expect(listening).rejects.toThrow('ring buffer "ring" has a reader already')
    ring.close()
    ring.close()
    expect(await waiting).toEqual({ done: true, value: undefined })
    expect(await ring.records().next()).toEqual({ done: true, value: undefined })
    expect([ring.consume(() => {}), ring.flush(), ring.pending]).toEqual([0, [], 0])
    expect(context.sys.reactor.size).toBe(0)
  })

  it.each(['consume', 'listen', 'records', 'batches'] as const)('%s hands over nothing more once it is closed from inside', async way => {
    using object = await load()
    const seen: number[] = []
    const see = (...record: [DataView, number, number]) => {
      seen.push(readNumbered(...record))
      if (seen.length === 3) ring.close()
      return seen.length
    }
    const ring = openRing(object, { decode: see })
    write(object, 10)
    if (way === 'consume') expect(ring.consume(see)).toBe(3)
    else if (way === 'listen') await ring.listen(see)
    else if (way === 'records') for await (const number of ring.records()) void number
    else for await (const batch of ring.batches()) void batch
    expect(seen).toEqual([0, 1, 2])
    ring.close()
  })

  it('goes on when the map was closed, and leaves alone what has its number then', async () => {
    const object = await load()
    const other = await load()
    const map = object.map('ring')
    const ring = openRing(object)
    const first = ring.records()
    write(object, 1)
    expect((await first.next()).value).toBe(0)
    const waiting = first.next()
    await setTimeout(10)
    const number = map.fd
    map.close()
    using taken = duplicateTo(context.sys, number, other.map('ring').fd)
    using second = openRing(other, { mapFd: taken.fd })
    const alsoWaiting = second.records().next()
    await setTimeout(10)
    write(object, 1)
    expect((await waiting).value).toBe(1)
    ring.close()
    write(other, 1)
    expect((await alsoWaiting).value).toBe(0)
    object.close()
    other.close()
  })

  it('events end when they are told to while they wait', async () => {
    using object = await load()
    const events = object.events('ring')
    const waiting = events.next()
    await setTimeout(10)
    expect(await events.return()).toEqual({ done: true, value: undefined })
    expect(await waiting).toEqual({ done: true, value: undefined })
  })

  it('delivers what was before a record that cannot be decoded, then the error, then the rest', async () => {
    using object = await load()
    const decode = (data: DataView, offset: number, length: number) => {
      const number = readNumbered(data, offset, length)
      if (number === 3) throw new Error('three')
      return number
    }
    using ring = openRing(object, { decode })
    write(object, 6)
    const seen: number[] = []
    const all = async () => {
      for await (const number of ring.records()) seen.push(number)
    }
    await expect(all()).rejects.toThrow('three')
    expect(seen).toEqual([0, 1, 2])
    expect(ring.flush()).toEqual([4, 5])
  })

  it('rejects with what a callback throws, and counts that record as read', async () => {
    using object = await load()
    using ring = openRing(object)
    write(object, 3)
    const failing = ring.listen(() => {
      throw new Error('consumer bug')
    })
    await expect(failing).rejects.toThrow('consumer bug')
    expect(ring.flush()).toEqual([1, 2])
  })

  it('hands out copies where nobody says how to decode', async () => {
    using object = await load()
    using ring = openRing<Uint8Array>(object, { decode: undefined })
    write(object, 2)
    const [first, second] = ring.flush()
    expect([first?.byteLength, first?.[8], second?.[0]]).toEqual([64, 1, 1])
  })

  it('reads a ring whose size it is not told, and refuses what is no ring', async () => {
    using object = await load()
    using ring = openRing(object, { size: undefined })
    write(object, 1)
    expect(ring.flush()).toEqual([0])
    expect(() => openRing(object, { size: 1000 })).toThrow('a ring of 1000 bytes: not a power of two')
    expect(() => openRing(object, { size: 2 ** 31 })).toThrow('a ring of 2147483648 bytes: more than 1073741824 are not read here')
    expect(() => openRing(object, { mapFd: object.map('perf').fd, size: 4096 })).toThrow('mmap failed with')
  })

  it('does not hold an event loop up that has other things to do', async () => {
    using object = await load()
    using ring = openRing(object)
    const done = new AbortController()
    const producing = object
      .program('write_ring')
      .runAsync({ repeat: 500_000 })
      .finally(() => done.abort())
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    for await (const batch of ring.batches({ signal: done.signal })) void batch
    clearInterval(timer)
    await producing
    expect(turns).toBeGreaterThan(5)
  })
})
