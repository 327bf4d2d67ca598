import { attachRawTracepoint, attachTracepoint, type LinkInterface } from '@bpf/attach'
import type { FeatureName } from '../scenario/features'
import type { Scenario } from '../scenario/types'
import { onHook, prepared } from './every-hook'

/** Makes the system call that the programs wait for. */
const callGetppid = () => void process.ppid

/** A program to be run as a test. */
const otherObject = 'loading.o'
const other = prepared(t => {
  const loaded = t.open(otherObject).load()
  t.defer(() => loaded.close())
  return loaded
})

const ways: readonly (readonly [LinkInterface, FeatureName[]])[] = [
  ['bpf link', ['tracepoint', 'perf link']],
  ['perf_event ioctl', ['tracepoint']],
]

export const tracepointScenarios: readonly Scenario[] = [
  onHook('on_tracepoint', {
    name: 'tracepoint',
    family: 'tracepoint',
    requires: { features: ['tracepoint'], kconfig: ['CONFIG_FTRACE_SYSCALLS'] },
    stimulate: callGetppid,
  }),
  ...ways.map(([via, features]) =>
    onHook('on_tracepoint', {
      name: `tracepoint by ${via}`,
      family: 'tracepoint',
      requires: { features, kconfig: ['CONFIG_FTRACE_SYSCALLS'] },
      attach: t =>
        attachTracepoint(t.attachContext, t.program('on_tracepoint'), {
          category: 'syscalls',
          name: 'sys_enter_getppid',
          interfaces: [via],
        }),
      stimulate: callGetppid,
    }),
  ),
  onHook('on_raw_tracepoint', {
    name: 'raw tracepoint',
    family: 'raw_tracepoint',
    requires: { features: ['raw tracepoint'] },
    stimulate: callGetppid,
  }),
  onHook('on_raw_tracepoint', {
    name: 'raw tracepoint with a cookie',
    family: 'raw_tracepoint',
    requires: { features: ['raw tracepoint', 'raw tracepoint link'] },
    attach: t => attachRawTracepoint(t.attachContext, t.program('on_raw_tracepoint'), { name: 'sys_enter', cookie: 7n }),
    stimulate: callGetppid,
  }),
  onHook('on_raw_tracepoint_writable', {
    name: 'raw tracepoint, writable',
    family: 'raw_tracepoint',
    files: [otherObject],
    requires: { features: ['raw tracepoint, writable'] },
    prepare: other.prepare,
    attach: t => attachRawTracepoint(t.attachContext, t.program('on_raw_tracepoint_writable'), { name: 'bpf_test_finish' }),
    // The tracepoint is where test runs end.
    stimulate: t => void other.of(t).program('count').run(),
  }),
]
