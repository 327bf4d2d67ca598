import { appendFileSync } from 'node:fs'
import { openKernel } from '@bpf/kernel'
import { createSys, getProgInfo, ProgType } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { pinObject } from '../testing/pinned-object'
import { runCli } from '../testing/run-cli'
import { expectToMatchSchema } from '../testing/schema'
import { smallProgram } from '../testing/small-program'

/** -ENOMEM: the kernel takes pages for streams without waiting, which some machines never have. */
const noMemory = 0xffff_fff4

describe.skipIf(process.getuid?.() !== 0)('bpf trace (needs root)', () => {
  const sys = createSys()

  it('shows the trace pipe as JSON lines, and ends with 0', async () => {
    const text = `bpf-trace-test-${process.pid}`
    appendFileSync(`${openKernel(sys).ensureTracefs()}/trace_marker`, text)
    const { code, out } = await runCli('trace', '--for', '300ms', '--json')
    expect(code).toBe(0)
    const lines = out.map(line => JSON.parse(line)).filter(({ line }) => line.includes(text))
    expect(lines).toMatchObject([{ source: 'trace_pipe' }])
  })

  it('says of a program that has printed nothing that there is nothing', async () => {
    using program = smallProgram(sys, { type: ProgType.SocketFilter })
    const { code, out, notes } = await runCli('trace', 'id', String(getProgInfo(sys, program.fd).id), '--for', '100ms')
    expect({ code, out, notes }).toEqual({ code: 0, out: [], notes: [] })
  })

  const streams = openKernel(sys).has('programStreams') === true
  it.skipIf(!streams)('shows what a program wrote to its streams, once (needs program streams, Linux 6.17)', async ({ skip }) => {
    using object = await pinObject('features/streams.o')
    const path = `${object.directory}/programs/say`
    const say = async () => JSON.parse((await runCli('prog', 'run', path, '--json')).out.join('\n')).returnValue
    const said = await say()
    skip(said === noMemory, 'this kernel has no memory for streams')
    expect(said).toBe(0)
    const { out } = await runCli('trace', '--program', path, '--for', '200ms', '--json')
    const lines = out.map(line => JSON.parse(line))
    for (const line of lines) expectToMatchSchema(line, 'trace')
    expect(lines).toEqual([
      { source: 'stdout', line: 'hello from 42' },
      { source: 'stderr', line: 'no such thing number 7' },
    ])
    expect(await say()).toBe(0)
    expect((await runCli('prog', 'tracelog', 'stderr', 'pinned', path, '--for', '200ms')).out).toEqual(['no such thing number 7'])
    expect((await runCli('trace', path, '--for', '200ms')).out).toEqual(['hello from 42'])
  })

  it('wants one program only', async () => {
    expect((await runCli('trace', 'id', '1', '--program', '2')).code).toBe(2)
    expect((await runCli('trace', 'stderr')).code).toBe(2)
  })
})
