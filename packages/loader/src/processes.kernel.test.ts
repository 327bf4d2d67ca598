import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { ids, type ObjectKind } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { bundle } from './testing/bundle'
import { isRoot, kernelTest } from './testing/kernel'

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

async function firstLine(child: ChildProcess): Promise<Ids> {
  const [chunk] = (await once(child.stdout ?? child, 'data')) as [Buffer]
  return JSON.parse(chunk.toString())
}
