import { readFixture } from '@bpf/fixtures'
import { failOnLeaks } from '@bpf/fixtures/leaks'
import { open } from '@bpf/loader'
import { createSys, ids } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { runCli } from '../testing/run-cli'
import { expectToMatchSchema } from '../testing/schema'

describe.skipIf(process.getuid?.() !== 0)('bpf top (needs root)', () => {
  const sys = createSys()
  failOnLeaks(kind => ids(sys, kind))

  it('tells what a program costs', async () => {
    using object = open(await readFixture('examples/syscall-count.o')).load()
    object.attach()
    const { code, out } = await runCli('top', '--count', '2', '--interval', '200ms', '--filter', 'count_syscall')
    expect([code, out.length]).toEqual([0, 2])
    const look = JSON.parse(out[1] ?? '')
    expectToMatchSchema(look, 'top')
    expect(look.programs).toContainEqual(expect.objectContaining({ name: 'count_syscall', type: 'raw_tracepoint' }))
    expect(look.programs[0].runsPerSecond).toBeGreaterThan(0)
  })

  it('refuses what it cannot count', async () => {
    expect((await runCli('top', '--count', 'many')).code).toBe(2)
    expect((await runCli('top', '--sort', 'colour')).code).toBe(2)
  })
})
