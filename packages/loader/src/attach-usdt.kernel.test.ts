import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attachUsdt, UsdtSpecs } from '@bpf/attach'
import { readFixture } from '@bpf/fixtures'
import { afterAll, describe, expect, it } from 'vitest'
import { isRoot, kernelTest } from './testing/kernel'

/** Passes `server:request` with 1 and 100 in registers, and with the constants 7 and 9. For x86-64. */
const directory = mkdtempSync(join(tmpdir(), 'bpf-usdt-'))
const binary = join(directory, 'probes')
writeFileSync(binary, await readFixture('elf/probes.elf'), { mode: 0o755 })
afterAll(() => rmSync(directory, { recursive: true }))

describe.skipIf(!isRoot || process.arch !== 'x64')('a program on a USDT probe (needs root, x86-64)', () => {
  const { context, openFixture } = kernelTest()

  it.each(['see_request', 'see_request_sleepable'])('%s sees the arguments and the cookie', async name => {
    using object = (await openFixture('attach/usdt.o')).load()
    const specs = new UsdtSpecs(context.sys, {
      specs: object.map('__bpf_usdt_specs'),
      addresses: object.map('__bpf_usdt_ip_to_spec_id'),
    })
    using link = attachUsdt(context, object.program(name), { binary, provider: 'server', name: 'request', cookie: 0x1234n, specs })
    expect(link.kind).toBe('usdt')
    expect(spawnSync(binary).status).toBe(0)
    expect(object.variable('runs').get()).toBe(2n)
    expect(object.variable('ids').get()).toEqual([1n, 7n])
    expect(object.variable('sizes').get()).toEqual([100n, 9n])
    expect(object.variable('cookie').get()).toBe(0x1234n)

    link.close()
    spawnSync(binary)
    expect(object.variable('runs').get()).toBe(2n)
  })

  it('sees them when the object attaches it, to a section’s target or a later one', async () => {
    const opened = await openFixture('attach/usdt.o')
    opened.only('see_request', 'see_request_sleepable')
    const target = `${binary}:server:request`
    for (const program of opened.spec.programs) if (program.name === 'see_request') program.attachTarget = target
    using object = opened.load()
    const { links, skipped } = object.attach({ targets: { see_request_sleepable: false } })
    expect([links.map(({ kind }) => kind), skipped.map(({ program }) => program)]).toEqual([['usdt'], ['see_request_sleepable']])
    expect(spawnSync(binary).status).toBe(0)
    expect(object.variable('ids').get()).toEqual([1n, 7n])
    for (const link of links) link.detach()

    object.variable('runs').set(0n)
    using later = object.program('see_request_sleepable').attach(`${target},cookie=0x1234`)
    expect(later.target).toBe(`usdt ${target}`)
    expect(spawnSync(binary).status).toBe(0)
    expect([object.variable('runs').get(), object.variable('sizes').get(), object.variable('cookie').get()]).toEqual([
      2n,
      [100n, 9n],
      0x1234n,
    ])
  })

  it('that an earlier process attached keeps its arguments when another attaches one more', async () => {
    const pins = `/sys/fs/bpf/bpf-loader-usdt-${process.pid}`
    const targets = { see_request: `${binary}:server:request,cookie=7` }
    try {
      const first = (await openFixture('attach/usdt.o')).only('see_request').load()
      first.attach({ targets })
      first.pin(pins)
      first.close()
      using taken = (await openFixture('attach/usdt.o')).only('see_request').takeOver(pins)
      expect(taken.links).toMatchObject([{ program: 'see_request', interface: 'bpf link' }])
      using _idle = taken.program('see_request').attach(`${binary}:server:idle,cookie=8`)
      spawnSync(binary)
      // The program runs for a request, then for the other probe, which has no arguments.
      expect(taken.variable('ids').get()).toEqual([1n, 0n])
      taken.unpin(pins)
    } finally {
      rmSync(pins, { recursive: true, force: true })
    }
  })
})
