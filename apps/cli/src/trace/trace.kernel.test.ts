import { appendFileSync } from 'node:fs'
import { openKernel } from '@bpf/kernel'
import { createSys, getProgInfo, ProgType } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { runCli } from '../testing/run-cli'
import { smallProgram } from '../testing/small-program'

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
})
