import { appendFileSync, existsSync, readFileSync, readlinkSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { runCli } from '../testing/run-cli'
import { expectToMatchSchema } from '../testing/schema'
import type { DoctorDocument } from './run'

const uprobeEvents = '/sys/kernel/tracing/uprobe_events'

async function doctor(...args: string[]): Promise<{ readonly code: number; readonly document: DoctorDocument }> {
  const { code, out } = await runCli('doctor', '--json', ...args)
  const document = JSON.parse(out.join('\n'))
  expectToMatchSchema(document, 'doctor')
  return { code, document }
}

describe.skipIf(process.getuid?.() !== 0)('bpf doctor (needs root)', () => {
  it('finds this machine ready', async () => {
    const { code, document } = await doctor()
    expect(code).toBe(0)
    expect(document.ready).toBe(true)
    expect(document.checks).toContainEqual({
      group: 'kernel',
      name: 'programs',
      status: 'ok',
      found: 'a program can be loaded',
      remedy: null,
    })
  })

  it('prints a line a check, with what to do under it', async () => {
    const { out } = await runCli('doctor')
    expect(out.join('\n')).toMatch(/^program\n {2}✓ Node {2,}v\d+/)
    expect(out.at(-1)).toMatch(/^ready: 0 problems, \d+ warnings?$/)
  })

  it.skipIf(!existsSync(uprobeEvents))('finds and takes away what a killed process left (needs uprobe events)', async () => {
    // As `ownerTag` of @bpf/attach marks it; process 1 did not start at tick 1.
    const namespace = Number(/\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0]).toString(16)
    const name = `bpfts_${namespace}_1_1_doctor`
    appendFileSync(uprobeEvents, `p:bpfts/${name} ${readlinkSync('/proc/self/exe')}:0x1000\n`)
    const { document } = await doctor('--clean')
    expect(document.cleaned.join()).toContain(name)
    expect(readFileSync(uprobeEvents, 'utf8')).not.toContain(name)
  })
})
