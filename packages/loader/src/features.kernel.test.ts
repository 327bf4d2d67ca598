import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import type { LoadedObject } from './loaded-object'
import type { EventRecord } from './records'
import { isRoot, kernelTest } from './testing/kernel'

/** The first `count` records of a buffer, while `action` makes them. */
async function collect(object: LoadedObject, map: string, count: number, action: () => void): Promise<unknown[]> {
  const records = object.records(map, { signal: AbortSignal.timeout(10_000) })
  const found: unknown[] = []
  const first = records.next()
  action()
  for (let next = await first; !next.done; next = await records.next()) {
    if (next.value.kind === 'record') found.push(next.value.value)
    if (found.length >= count) break
  }
  await records.return()
  return found
}

describe.skipIf(!isRoot)('buffers and attached programs (needs root)', () => {
  const { openFixture } = kernelTest()

  it('a ring buffer delivers records of several types, decoded', async () => {
    using object = (await openFixture('features/ring-kinds.o')).load()
    expect(object.buffers).toEqual(['records'])
    const records = await collect(object, 'records', 2, () => expect(object.program('write_both').run().returnValue).toBe(0))
    expect(records).toEqual([
      { kind: 'OPENED', flags: 2, path: '/tmp' },
      { kind: 'CLOSED', result: 5, bytes: 1n << 40n },
    ])
  })

  it('an iteration begins with what the last one left, record by record or in arrays', async () => {
    using object = (await openFixture('features/ring-kinds.o')).load()
    object.program('write_both').run({ repeat: 3 })
    const kinds: unknown[] = []
    const add = (record: EventRecord) => kinds.push(record.kind === 'record' && (record.value as { kind: string }).kind)
    for await (const record of object.records('records')) {
      add(record)
      break
    }
    const signal = AbortSignal.abort()
    for await (const records of object.batches('records', { signal })) records.map(add)
    expect(kinds).toEqual(['OPENED', 'CLOSED', 'OPENED', 'CLOSED', 'OPENED', 'CLOSED'])
    expect(await object.records('records', { signal }).next()).toEqual({ done: true, value: undefined })
  })

  it('a perf buffer delivers decoded records of one process', async () => {
    using object = (await openFixture('features/perf-events.o')).set('target_pid', process.pid).load()
    expect(object.attach().links).toHaveLength(1)
    const [record] = await collect(object, 'events', 1, () => {})
    expect(record).toMatchObject({ pid: process.pid, number: expect.any(Number), comm: expect.any(String) })
    const { value: batch } = await object.batches('events', { signal: AbortSignal.timeout(10_000), interval: 10 }).next()
    expect(batch?.[0]).toMatchObject({ kind: 'record', map: 'events', cpu: expect.any(Number), value: { pid: process.pid } })
  })

  it('a maps-only reader sees what a raw tracepoint counted', async () => {
    using object = (await openFixture('examples/syscall-count.o')).set('target_pid', process.pid).load()
    object.attach()
    process.cwd()
    const counts = object.map('syscalls')
    const total = [...counts].flatMap(([, perCpu]) => perCpu as bigint[]).reduce((sum, count) => sum + count, 0n)
    expect(total).toBeGreaterThan(0n)
  })

  it('execsnoop shows a program that starts, with its file name and parent', async () => {
    using object = (await openFixture('examples/execsnoop.o')).load()
    const { links, skipped } = object.attach()
    expect(skipped).toEqual([])
    expect(links.map(link => link.kind)).toEqual(['tracepoint', 'tracepoint'])
    const records = await collect(object, 'events', 1, () => void spawnSync('/bin/true'))
    expect(records).toHaveLength(1)
  })

  for (const path of ['examples/xdp-monitor.o', 'examples/xdp-monitor-legacy.o']) {
    it(`${path} attaches to every tracepoint of XDP`, async () => {
      using object = (await openFixture(path)).load()
      expect(object.attach().links.map(link => link.target)).toContain('xdp:xdp_exception')
    })
  }

  it('what is closed is detached', async () => {
    const object = (await openFixture('examples/execsnoop.o')).load()
    const { links } = object.attach()
    object.close()
    object.close()
    expect(() => links[0]?.info()).toThrow('is closed')
  })

  it('reading what is no buffer is an error that says so', async () => {
    using object = (await openFixture('examples/syscall-count.o')).load()
    expect(() => object.records('syscalls')).toThrow('map "syscalls" is neither a ring buffer nor a perf event array')
    expect(() => object.records('syscals')).toThrow('there is no map "syscals" in this object')
  })
})
