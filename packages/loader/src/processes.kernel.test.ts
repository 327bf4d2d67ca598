import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { createMap, u32 } from '@bpf/maps'
import { ids, MapType, type ObjectKind } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { bundle } from './testing/bundle'
import { isRoot, kernelTest } from './testing/kernel'
import type { Churn } from './testing/programs/churn'

const fixture = (path: string) => fileURLToPath(new URL(`../../fixtures/objects/${path}`, import.meta.url))
const program = (name: string) => new URL(`./testing/programs/${name}.ts`, import.meta.url)

type Ids = Partial<Record<ObjectKind, readonly number[]>>

describe.skipIf(!isRoot)('other processes and threads (needs root)', () => {
  const { context, openFixture } = kernelTest()
  const alive = (made: Ids) =>
    Object.entries(made).flatMap(([kind, list]) => {
      const living = new Set(ids(context.sys, kind as ObjectKind))
      return list.filter(id => living.has(id)).map(id => `${kind} ${id}`)
    })

  /** Programs are freed after a grace period. */
  async function untilGone(made: Ids): Promise<string[]> {
    for (let step = 0; step < 100 && alive(made).length > 0; step++) await setTimeout(50)
    return alive(made)
  }

  for (const [title, args, minimum] of [
    ['while it is attached', [fixture('examples/execsnoop.o')], 6],
    ['in the middle of loading', [fixture('checks/map-in-map.o'), 'outer_array'], 2],
  ] as const) {
    it(`a process that is killed ${title} leaves nothing`, async () => {
      using hold = await bundle(program('hold'))
      const child = spawn(process.execPath, [hold.path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
      const made = await firstLine(child)
      expect(alive(made).length).toBeGreaterThanOrEqual(minimum)
      child.kill('SIGKILL')
      await once(child, 'close')
      expect(await untilGone(made)).toEqual([])
    })
  }

  it('a process that waits for what does not come is never scheduled', { timeout: 60_000 }, async () => {
    using idle = await bundle(program('idle'))
    const args = [idle.path, fixture('features/producers.o'), fixture('examples/syscall-count.o')]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      await once(child.stdout, 'data')
      const isStill = async () => {
        const before = contextSwitches(child.pid)
        await setTimeout(500)
        return contextSwitches(child.pid) === before
      }
      // The engine tidies up after the start; whoever polls never comes to rest.
      await expect.poll(isStill, { timeout: 50_000 }).toBe(true)
    } finally {
      child.kill()
      await once(child, 'close')
    }
  })

  it("a thread that ends leaves nothing of the kernel's BTF in memory", async () => {
    const mappings = () => readFileSync('/proc/self/maps', 'utf8').split('/sys/kernel/btf/vmlinux').length
    using readBtf = await bundle(program('read-btf'))
    const before = mappings()
    const worker = new Worker(readBtf.path)
    const [message, exit] = await Promise.all([once(worker, 'message'), once(worker, 'exit')])
    expect([message[0] > 1000, exit]).toEqual([true, [0]])
    expect(mappings()).toBeLessThanOrEqual(before)
  })

  it('a map is listed whole while a thread inserts and deletes', async () => {
    const below = 20_000
    const even = Array.from({ length: below / 2 }, (_, i) => 2 * i)
    using map = createMap(context, { type: MapType.Hash, name: 'busy', key: u32, value: u32, maxEntries: 2 * below })
    map.setMany(even.map(key => [key, key] as const))
    using churn = await bundle(program('churn'))
    const stop = new Int32Array(new SharedArrayBuffer(4))
    const worker = new Worker(churn.path, { workerData: { fd: map.fd, below, stop } satisfies Churn })
    const exit = once(worker, 'exit')
    await once(worker, 'message')
    try {
      for (let round = 0; round < 20; round++) {
        const keys = [...map].map(([key]) => key)
        expect(new Set(keys).size).toBe(keys.length)
        expect(keys.filter(key => key % 2 === 0).sort((a, b) => a - b)).toEqual(even)
      }
    } finally {
      Atomics.store(stop, 0, 1)
      await exit
    }
  })

  it('a thread and the main thread use the same object side by side', async () => {
    const runs = 2000
    using count = await bundle(program('count'))
    const worker = new Worker(count.path, { workerData: { path: fixture('features/ring-kinds.o'), runs } })
    const message = once(worker, 'message')
    const exit = once(worker, 'exit')
    using object = (await openFixture('features/ring-kinds.o')).load()
    const records = object.records('records')
    for (let run = 0; run < runs; run++) {
      object.program('write_both').run()
      expect((await records.next()).value).toMatchObject({ value: { kind: 'OPENED' } })
      expect((await records.next()).value).toMatchObject({ value: { kind: 'CLOSED' } })
    }
    await records.return()
    expect(await message).toEqual([{ records: 2 * runs }])
    expect(await exit).toEqual([0])
  })
})

describe('ending while something is there to be read', () => {
  it.each(['the end of the program', 'process.exit', 'thread that is terminated', 'thread at process.exit'])('%s', async way => {
    using end = await bundle(program('end-unread'))
    const child = spawn(process.execPath, [end.path, way], { stdio: ['ignore', 'inherit', 'pipe'] })
    let said = ''
    child.stderr.on('data', chunk => (said += chunk))
    await once(child, 'close')
    expect([child.exitCode, child.signalCode, said]).toEqual([0, null, ''])
  })
})

/** How often any thread of a process has stopped running, of itself or not. */
function contextSwitches(pid: number | undefined): number {
  const tasks = `/proc/${pid}/task`
  const statuses = readdirSync(tasks).map(task => readFileSync(`${tasks}/${task}/status`, 'utf8'))
  const counts = statuses.flatMap(status => [...status.matchAll(/ctxt_switches:\s+(\d+)/g)].map(([, count]) => Number(count)))
  return counts.reduce((sum, count) => sum + count, 0)
}

async function firstLine(child: ChildProcess): Promise<Ids> {
  const [chunk] = (await once(child.stdout ?? child, 'data')) as [Buffer]
  return JSON.parse(chunk.toString())
}
