import { ProgType } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { countingProgram } from '../testing/counting-program'
import { attachErrorOf } from '../testing/errors'
import { testContext } from '../testing/test-context'
import { attachRawTracepoint } from '../tracepoint/raw-tracepoint'
import { attachTracepoint, queryTracepoint } from '../tracepoint/tracepoint'
import { attachUprobe } from '../uprobe/uprobe'
import { listPerfHolders } from './perf-holders'

const context = testContext()
const { sys } = context
const openat = { category: 'syscalls', name: 'sys_enter_openat' }
const ofThisProcess = () => [...listPerfHolders(context)].filter(({ pid }) => pid === process.pid)

describe('who holds a probe', () => {
  it('is told of tracepoints, raw tracepoints and uprobes', () => {
    using tracepoint = countingProgram(sys, { type: ProgType.Tracepoint, name: 'tracepoint' })
    using raw = countingProgram(sys, { type: ProgType.RawTracepoint, name: 'raw' })
    using uprobe = countingProgram(sys, { type: ProgType.Kprobe, name: 'uprobe' })
    using _tracepoint = attachTracepoint(context, tracepoint, { ...openat, interfaces: ['perf_event ioctl'] })
    using _raw = attachRawTracepoint(context, raw, { name: 'sched_process_exec' })
    using _uprobe = attachUprobe(context, uprobe, { binary: process.execPath, offset: 0x1000, interfaces: ['perf_event ioctl'] })
    const seen = ofThisProcess().sort((a, b) => a.fd - b.fd)
    expect(seen).toMatchObject([
      { programName: 'tracepoint', point: { kind: 'tracepoint', name: 'sys_enter_openat' } },
      { programName: 'raw', point: { kind: 'raw_tracepoint', name: 'sched_process_exec' } },
      { programName: 'uprobe', point: { kind: 'uprobe', path: process.execPath, offset: 0x1000n } },
    ])
  })

  it('is nobody once it is closed', () => {
    expect(ofThisProcess()).toEqual([])
  })
})

describe('a tracepoint', () => {
  it('lists its programs, however they are attached', () => {
    using first = countingProgram(sys, { type: ProgType.Tracepoint, name: 'first' })
    using second = countingProgram(sys, { type: ProgType.Tracepoint, name: 'second' })
    using _first = attachTracepoint(context, first, { ...openat, interfaces: ['perf_event ioctl'] })
    using _second = attachTracepoint(context, second, { ...openat, interfaces: ['bpf link'] })
    const names = queryTracepoint(context, openat).map(({ programName }) => programName)
    expect(names.filter(name => name === 'first' || name === 'second')).toEqual(['first', 'second'])
  })

  it('that does not exist has a near name', () => {
    expect(attachErrorOf(() => queryTracepoint(context, { ...openat, name: 'sys_enter_opnat' })).hint).toContain('openat')
  })
})
