import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { mapCreate } from './bpf/map'
import { MapType } from './constants/map-type'
import { EpollEvent } from './epoll'
import { eventfd, openFile, readFd, writeFd } from './file'
import { MapMemory, mapMemory, Prot } from './memory'
import { PerfSample, PerfSoftware, PerfType } from './perf/perf-attr'
import { perfEventDisable, perfEventEnable, perfEventOpen } from './perf/perf-event'
import { createSys } from './sys'

const one = new BigUint64Array([1n])
const later = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))
const openFds = () => readdirSync('/proc/self/fd').length

describe('Reactor on the kernel', () => {
  it('is not called for what was never written, and once for each thing that was', async () => {
    const sys = createSys()
    const before = openFds()
    using event = eventfd(sys)
    let called = 0
    const source = sys.reactor.add(event.fd, () => {
      called++
      readFd(sys, event.fd, new BigUint64Array(1))
    })
    await later(20)
    expect(called).toBe(0)
    for (let i = 1; i <= 3; i++) {
      writeFd(sys, event.fd, one)
      await expect.poll(() => called).toBe(i)
    }
    source.close()
    event.close()
    expect(openFds()).toBe(before)
  })

  it('leaves a paused source alone and calls it after resuming', async () => {
    const sys = createSys()
    using event = eventfd(sys)
    let called = 0
    using source = sys.reactor.add(event.fd, () => {
      called++
      source.pause()
    })
    writeFd(sys, event.fd, one)
    await expect.poll(() => called).toBe(1)
    await later(20)
    expect(called).toBe(1)
    source.resume()
    await expect.poll(() => called).toBe(2)
  })

  it('tells an edge-triggered source once of what it leaves there', async () => {
    const sys = createSys()
    using event = eventfd(sys)
    let called = 0
    using source = sys.reactor.add(event.fd, () => called++, { events: EpollEvent.In | EpollEvent.Et })
    writeFd(sys, event.fd, one)
    await expect.poll(() => called).toBe(1)
    await later(20)
    expect(called).toBe(1)
    writeFd(sys, event.fd, one)
    await expect.poll(() => called).toBe(2)
    expect(source).toBeDefined()
  })

  it('hears of perf events, which forget that they are ready when the event loop asks', async () => {
    const sys = createSys()
    // Page faults of this process: one sample is enough for a wake-up.
    using faults = perfEventOpen(sys, {
      type: PerfType.Software,
      config: PerfSoftware.PageFaults,
      sampleType: PerfSample.Ip,
      samplePeriod: 1,
      wakeupEvents: 1,
      set: ['disabled'],
      pid: 0,
      cpu: -1,
    })
    using ring = mapMemory(sys, { fd: faults.fd, length: 2 * sys.native.pageSize, prot: Prot.Read | Prot.Write })
    let called = 0
    using source = sys.reactor.add(faults.fd, () => called++, { everyWake: true })
    perfEventEnable(sys, faults.fd)
    using fresh = mapMemory(sys, {
      length: sys.native.pageSize,
      prot: Prot.Read | Prot.Write,
      flags: MapMemory.Private | MapMemory.Anonymous,
    })
    new Uint8Array(fresh.buffer)[0] = 1
    perfEventDisable(sys, faults.fd)
    await expect.poll(() => called).toBeGreaterThan(0)
    expect([source, ring]).toBeDefined()
  })

  it('tells once of a descriptor that can never be ready', async () => {
    const sys = createSys()
    using map = mapCreate(sys, { type: MapType.Hash, keySize: 4, valueSize: 4, maxEntries: 1 })
    const seen: number[] = []
    using source = sys.reactor.add(map.fd, events => seen.push(events))
    await expect.poll(() => seen.length).toBe(1)
    await later(30)
    expect(seen.length).toBe(1)
    expect((seen[0] ?? 0) & EpollEvent.Err).toBe(EpollEvent.Err)
    expect(source).toBeDefined()
  })

  it('refuses what cannot be polled, and the same descriptor twice', () => {
    const sys = createSys()
    using file = openFile(sys, '/proc/self/exe')
    expect(() => sys.reactor.add(file.fd, () => {})).toThrow(/EPERM/)
    using event = eventfd(sys)
    using first = sys.reactor.add(event.fd, () => {})
    expect(() => sys.reactor.add(event.fd, () => {})).toThrow(/EEXIST/)
    expect(first).toBeDefined()
    expect(sys.reactor.size).toBe(1)
  })

  it('serves a thousand sources, one after the other and at once', async () => {
    const sys = createSys()
    const before = openFds()
    const events = Array.from({ length: 1000 }, () => eventfd(sys))
    let called = 0
    const sources = events.map(event =>
      sys.reactor.add(event.fd, () => {
        called++
        readFd(sys, event.fd, new BigUint64Array(1))
      }),
    )
    for (const event of events) writeFd(sys, event.fd, one)
    await expect.poll(() => called, { timeout: 10_000 }).toBe(1000)
    for (const source of sources) source.close()
    for (const event of events) event.close()
    for (let i = 0; i < 500; i++) {
      const event = eventfd(sys)
      sys.reactor.add(event.fd, () => {}).close()
      event.close()
    }
    expect(openFds()).toBe(before)
  })
})
