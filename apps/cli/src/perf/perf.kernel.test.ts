import { execFileSync } from 'node:child_process'
import { attachRawTracepoint, attachTracepoint, attachUprobe } from '@bpf/attach'
import { failOnLeaks } from '@bpf/fixtures/leaks'
import { openKernel } from '@bpf/kernel'
import { createSys, ids, ProgType } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { runCli } from '../testing/run-cli'
import { attachableProgram } from '../testing/small-program'
import type { PerfFacts } from './list'

describe.skipIf(process.getuid?.() !== 0)('bpf perf list (needs root)', () => {
  const sys = createSys()
  failOnLeaks(kind => ids(sys, kind))
  const ofThisProcess = <T extends { readonly pid: number }>(holders: readonly T[]): T[] => holders.filter(({ pid }) => pid === process.pid)

  it('tells who holds which probe, as bpftool does', async () => {
    const context = { sys, kernel: openKernel(sys) }
    const interfaces = ['perf_event ioctl'] as const
    using raw = attachableProgram(sys, { type: ProgType.RawTracepoint, name: 'on_exec' })
    using tracepoint = attachableProgram(sys, { type: ProgType.Tracepoint, name: 'on_open' })
    using probe = attachableProgram(sys, { type: ProgType.Kprobe, name: 'on_probe' })
    using _raw = attachRawTracepoint(context, raw, { name: 'sched_process_exec' })
    using _tracepoint = attachTracepoint(context, tracepoint, { category: 'syscalls', name: 'sys_enter_openat', interfaces })
    using _uprobe = attachUprobe(context, probe, { binary: process.execPath, offset: 0x1000, interfaces })

    const document = ofThisProcess<PerfFacts>(JSON.parse((await runCli('perf', 'list', '--json')).out.join('\n')))
    const points = document.map(({ point }) => point.kind)
    expect(points.toSorted()).toEqual(['raw_tracepoint', 'tracepoint', 'uprobe'])
    const ours = JSON.parse((await runCli('perf', 'list', '--bpftool-json')).out.join('\n'))
    const theirs = JSON.parse(execFileSync('bpftool', ['-j', 'perf', 'list'], { encoding: 'utf8' }))
    expect(ofThisProcess(ours)).toEqual(ofThisProcess(theirs))
    expect((await runCli('perf')).out.join('\n')).toMatch(/on_exec +raw_tracepoint +sched_process_exec/)
  })
})
