import { failOnLeaks } from '@bpf/fixtures/leaks'
import { createSys, ids } from '@bpf/sys'
import { describe, expect, it, vi } from 'vitest'
import { pinObject } from '../testing/pinned-object'
import { runCli } from '../testing/run-cli'
import { expectToMatchSchema } from '../testing/schema'

describe.skipIf(process.getuid?.() !== 0)('bpf prog profile (needs root)', () => {
  const sys = createSys()
  failOnLeaks(kind => ids(sys, kind))

  it('counts runs and their time on every machine', async () => {
    using object = await pinObject('attach/xdp-chain.o')
    const path = `${object.directory}/programs/drop_all`
    const waiting = process.listenerCount('SIGINT')
    const profile = runCli('prog', 'profile', path, '--json')
    await vi.waitUntil(() => process.listenerCount('SIGINT') > waiting, { timeout: 30_000 })
    expect((await runCli('prog', 'run', path, '--repeat', '1000')).code).toBe(0)
    process.emit('SIGINT')
    const { code, out } = await profile
    const document = JSON.parse(out.join('\n'))
    expectToMatchSchema(document, 'prog-profile')
    expect({ code, name: document.name }).toEqual({ code: 0, name: 'drop_all' })
    const [runs, time] = document.metrics
    expect(Number(runs.value)).toBeGreaterThanOrEqual(1000)
    expect(Number(time.value)).toBeGreaterThan(0)
  })

  it('refuses metrics that there are none of', async () => {
    const { code, notes } = await runCli('prog', 'profile', 'id', '1', 'instrutions')
    expect({ code, hint: notes.join() }).toEqual({ code: 2, hint: expect.stringContaining('did you mean instructions') })
  })
})
