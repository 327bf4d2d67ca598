import { setTimeout } from 'node:timers/promises'
import { createMap, OverwritablePerfBuffer, PerfBuffer, type PerfBufferOptions, type PerfRecord, u32 } from '@bpf/maps'
import { MapType } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import type { LoadedObject } from './loaded-object'
import { duplicateTo } from './testing/duplicate-to'
import { isRoot, kernelTest } from './testing/kernel'
import { counters, readNumbered, Seen } from './testing/producers'

describe.skipIf(!isRoot)('perf buffers (needs root)', () => {
  const { context, openFixture } = kernelTest()
  const cpus = context.kernel.onlineCpus()

  const load = async () => (await openFixture('features/producers.o')).load()
  const openPerf = (object: LoadedObject, options: Partial<PerfBufferOptions<number>> = {}) =>
    new PerfBuffer<number>({ sys: context.sys, mapFd: object.map('perf').fd, cpus, name: 'perf', decode: readNumbered, ...options })
  const write = (object: LoadedObject, count: number) => object.program('write_perf').run({ repeat: count })
  const samplesOf = (records: readonly PerfRecord<number>[]) => records.flatMap(record => (record.kind === 'sample' ? [record.value] : []))
  const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i)

  it.each(['listen', 'records', 'batches'] as const)('%s sees every sample that was not lost, complete, once', async way => {
    const count = 300_000
    using object = await load()
    // A wake-up for each of them would take longer than all the rest.
    using perf = openPerf(object, { wakeup: { bytes: 8192 } })
    const seen = new Seen(count)
    let lost = 0
    const see = (record: PerfRecord<number>) => {
      if (record.kind === 'sample') seen.add(record.value)
      else lost += record.count
    }
    const done = new AbortController()
    const producing = object
      .program('write_perf')
      .runAsync({ repeat: count })
      .finally(() => done.abort())
    const onSample = (_cpu: number, ...sample: [DataView, number, number]) => seen.add(readNumbered(...sample))
    const onLost = (_cpu: number, more: number) => {
      lost += more
    }
    if (way === 'listen') await perf.listen(onSample, onLost, { signal: done.signal })
    else if (way === 'records') for await (const record of perf.records({ signal: done.signal })) see(record)
    else for await (const batch of perf.batches({ signal: done.signal })) for (const record of batch) see(record)
    await producing
    expect(seen.twice).toBe(0)
    expect(seen.count + counters(object).lost).toBe(count)
    // The kernel tells of losses before the next sample of the same CPU only: of the last ones nobody may have heard yet.
    expect(lost).toBeLessThanOrEqual(counters(object).lost)
    expect(perf.lost).toBe(lost)
  })

  it('counts what a full ring dropped', async () => {
    using object = await load()
    using perf = openPerf(object, { pages: 1 })
    write(object, 1000)
    const { lost } = counters(object)
    expect(lost).toBeGreaterThan(900)
    const first = perf.flush()
    expect(samplesOf(first)).toEqual(numbers(1000 - lost))
    write(object, 1)
    const second = perf.flush()
    expect(second.map(({ kind }) => kind)).toEqual(['lost', 'sample'])
    expect(perf.lost).toBe(lost)
  })

  it('wakes a waiting reader for a single sample, again and again', async () => {
    using object = await load()
    using perf = openPerf(object)
    const records = perf.records()
    for (let i = 0; i < 100; i++) {
      const waiting = records.next()
      await setTimeout(i % 10 === 0 ? 1 : 0)
      write(object, 1)
      expect((await waiting).value).toMatchObject({ kind: 'sample', value: i })
    }
    await records.return()
  })

  it.each([
    ['samples', { samples: 4 }],
    ['bytes', { bytes: 400 }],
  ])('wakes only after so many %s, and knows what lies below', async (_, wakeup) => {
    using object = await load()
    const cpu = cpus[0] ?? 0
    using perf = openPerf(object, { wakeup })
    expect(perf.cpus).toContain(cpu)
    const records = perf.records()
    const waiting = records.next()
    await setTimeout(20)
    write(object, 3)
    expect(await Promise.race([waiting, setTimeout(50, 'asleep')])).toBe('asleep')
    write(object, 8)
    expect((await waiting).value).toMatchObject({ value: 0 })
    await records.return()
    perf.flush()
    write(object, 1)
    expect(samplesOf(perf.flush())).toEqual([11])
    const looking = perf.records({ interval: 10 })
    write(object, 1)
    expect((await looking.next()).value).toMatchObject({ value: 12 })
    await looking.return?.()
  })

  it('drops what is written while it is paused', async () => {
    using object = await load()
    using perf = openPerf(object)
    write(object, 2)
    perf.pause()
    write(object, 2)
    expect(samplesOf(perf.flush())).toEqual([0, 1])
    perf.resume()
    write(object, 2)
    expect(samplesOf(perf.flush())).toEqual([4, 5])
  })

  it('reads the CPUs it is told to, and leaves those out that are offline', async () => {
    using object = await load()
    using none = openPerf(object, { cpus: [] })
    write(object, 1)
    expect([none.cpus, none.flush()]).toEqual([[], []])
    expect(counters(object).lost).toBe(1)
    const offline = context.kernel.possibleCpus + 7
    expect(() => openPerf(object, { cpus: [offline] })).toThrow()
    using one = openPerf(object, { cpus: cpus.slice(0, 1) })
    expect(one.cpus).toEqual(cpus.slice(0, 1))
  })

  it('goes on where an iteration was left, and ends when it is closed', async () => {
    using object = await load()
    const perf = openPerf(object)
    write(object, 100)
    const seen: number[] = []
    for await (const record of perf.records()) {
      seen.push(...samplesOf([record]))
      if (seen.length === 10) break
    }
    seen.push(...samplesOf(perf.flush()))
    expect(seen).toEqual(numbers(100))
    const waiting = perf.records().next()
    perf.close()
    perf.close()
    expect(await waiting).toEqual({ done: true, value: undefined })
    expect([perf.flush(), perf.consume(() => {})]).toEqual([[], 0])
    perf.pause()
    expect(context.sys.reactor.size).toBe(0)
  })

  it.each(['consume', 'listen', 'records', 'batches'] as const)('%s hands over nothing more once it is closed from inside', async way => {
    using object = await load()
    const seen: number[] = []
    const see = (...sample: [DataView, number, number]) => {
      seen.push(readNumbered(...sample))
      if (seen.length === 3) perf.close()
      return seen.length
    }
    const perf = openPerf(object, { decode: see })
    const onSample = (_cpu: number, ...sample: [DataView, number, number]) => void see(...sample)
    write(object, 10)
    if (way === 'consume') expect(perf.consume(onSample)).toBe(3)
    else if (way === 'listen') await perf.listen(onSample)
    else if (way === 'records') for await (const record of perf.records()) void record
    else for await (const batch of perf.batches()) void batch
    expect(seen).toEqual([0, 1, 2])
    perf.close()
  })

  it('leaves alone what has the number of its map when that was closed first', async () => {
    const object = await load()
    const perf = openPerf(object)
    using other = createMap(context, { type: MapType.Hash, key: u32, value: u32, maxEntries: 1000 })
    for (const cpu of cpus) other.set(cpu, 1)
    const number = object.map('perf').fd
    object.map('perf').close()
    using taken = duplicateTo(context.sys, number, other.fd)
    perf.close()
    expect([taken.fd, [...other.keys()].toSorted()]).toEqual([number, cpus.toSorted()])
    object.close()
  })

  it('takes its events out of the map', async () => {
    using object = await load()
    openPerf(object).close()
    write(object, 1)
    expect(counters(object).lost).toBe(1)
  })

  describe('that overwrite', () => {
    const openOverwritable = (object: LoadedObject, pages: number) =>
      new OverwritablePerfBuffer({ sys: context.sys, mapFd: object.map('perf').fd, cpus, pages, decode: readNumbered })

    const newest = (samples: readonly { readonly value: number }[]) => Math.max(...samples.map(({ value }) => value))

    it('remember the latest samples, in order, without waking anybody', async () => {
      using object = await load()
      using perf = openOverwritable(object, 1)
      expect(perf.snapshot()).toEqual([])
      write(object, 5)
      expect(perf.snapshot().map(({ value }) => value)).toEqual(numbers(5))
      write(object, 10_000)
      const latest = perf.snapshot()
      expect(latest.length).toBeGreaterThan(40)
      expect(counters(object).lost).toBe(0)
      expect(newest(latest)).toBe(10_004)
      // The program may run on another CPU each time: there is an order among the samples of one CPU only.
      for (const cpu of cpus) {
        const values = latest.filter(sample => sample.cpu === cpu).map(({ value }) => value)
        expect(values).toEqual([...values].sort((a, b) => a - b))
      }
      write(object, 1)
      expect(newest(perf.snapshot())).toBe(10_005)
      expect(perf.cpus).toEqual(cpus)
    })

    it('are empty once closed', async () => {
      using object = await load()
      const perf = openOverwritable(object, 1)
      write(object, 1)
      perf.close()
      perf.close()
      expect([perf.snapshot(), perf.cpus]).toEqual([[], []])
    })
  })
})
