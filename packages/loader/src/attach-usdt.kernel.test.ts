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
})
