import { execFileSync } from 'node:child_process'
import { failOnLeaks } from '@bpf/fixtures/leaks'
import { createSys, ids, ProgType, rawTracepointOpen } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { runCli } from '../testing/run-cli'
import { expectToMatchSchema } from '../testing/schema'
import { smallProgram } from '../testing/small-program'

describe.skipIf(process.getuid?.() !== 0)('bpf perf list (needs root)', () => {
  const sys = createSys()
  failOnLeaks(kind => ids(sys, kind))
  const ofThisProcess = <T extends { readonly pid: number }>(holders: readonly T[]) => holders.filter(({ pid }) => pid === process.pid)

  it('tells who holds which probe, as bpftool does', async () => {
    using program = smallProgram(sys, { type: ProgType.RawTracepoint, name: 'on_exec' })
    using _probe = rawTracepointOpen(sys, { progFd: program.fd, name: 'sched_process_exec' })
    const document = JSON.parse((await runCli('perf', 'list', '--json')).out.join('\n'))
    expectToMatchSchema(document, 'perf-list')
    expect(ofThisProcess(document)).toMatchObject([
      { programName: 'on_exec', point: { kind: 'raw_tracepoint', name: 'sched_process_exec' } },
    ])
    const ours = JSON.parse((await runCli('perf', 'list', '--bpftool-json')).out.join('\n'))
    const theirs = JSON.parse(execFileSync('bpftool', ['-j', 'perf', 'list'], { encoding: 'utf8' }))
    expect(ofThisProcess(ours)).toEqual(ofThisProcess(theirs))
    expect((await runCli('perf')).out.join('\n')).toMatch(/on_exec +raw_tracepoint +sched_process_exec/)
  })
})
