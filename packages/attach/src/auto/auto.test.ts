import { AttachType, ProgType } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { attachErrorOf } from '../testing/errors'
import { fakeContext, fakeProgram } from '../testing/fake-context'
import { autoAttach } from './auto'

const context = () =>
  fakeContext({
    files: {
      '/proc/self/mountinfo': '30 20 0:7 / /sys/kernel/tracing rw - tracefs tracefs rw\n',
      '/proc/kallsyms': 'ffffffff81001000 T vfs_read\nffffffff81002000 T __x64_sys_openat\n',
      '/sys/bus/event_source/devices/kprobe/type': '6',
      '/sys/kernel/tracing/events/sched/sched_switch/id': '300',
    },
  })
const { TraceFentry, TraceRawTp, TraceIter, LsmMac, LsmCgroup, TraceKprobeMulti } = AttachType
const { Kprobe, Tracepoint, RawTracepoint, Tracing, Lsm, Ext, Xdp } = ProgType

function attach(section: string, type: number, expectedAttachType = 0) {
  const separator = section.indexOf('/')
  const attachTarget = separator === -1 ? undefined : section.slice(separator + 1)
  return autoAttach(context(), fakeProgram({ section, type, expectedAttachType, attachTarget }))
}

describe('a program is attached to what its section names', () => {
  it.each([
    ['kprobe/vfs_read', Kprobe, 0, 'kprobe vfs_read'],
    ['kprobe/vfs_read+0x4', Kprobe, 0, 'kprobe vfs_read+0x4'],
    ['kretprobe/vfs_read', Kprobe, 0, 'kretprobe vfs_read'],
    ['kprobe.multi/vfs_*', Kprobe, TraceKprobeMulti, 'kprobe vfs_*'],
    ['ksyscall/openat', Kprobe, 0, 'kprobe __x64_sys_openat'],
    ['kretsyscall/openat', Kprobe, 0, 'kretprobe __x64_sys_openat'],
    ['tracepoint/sched/sched_switch', Tracepoint, 0, 'sched:sched_switch'],
    ['raw_tp/sys_enter', RawTracepoint, 0, 'sys_enter'],
    ['tp_btf/sched_switch', Tracing, TraceRawTp, 'sched_switch'],
    ['fentry/vfs_read', Tracing, TraceFentry, 'vfs_read'],
    ['lsm/file_open', Lsm, LsmMac, 'file_open'],
    ['iter/task', Tracing, TraceIter, 'iterator task'],
    ['freplace/filter', Ext, 0, 'function filter of the program that it was loaded for'],
  ])('%s', (section, type, attachType, target) => {
    expect(attach(section, type, attachType)).toMatchObject({ kind: 'attached', link: { target } })
  })
})

describe('a program is left alone', () => {
  it.each([
    ['xdp', Xdp, 0, 'needs a target that the section does not name, an interface: eth0'],
    ['lsm_cgroup/socket_bind', Lsm, LsmCgroup, 'needs a target that the section does not name'],
    ['kprobe', Kprobe, 0, 'names no target'],
    ['kprobe/7', Kprobe, 0, 'is a place in a program array'],
    ['iter/bpf_map_elem', Tracing, TraceIter, 'needs a map to run over'],
    ['custom/thing', Kprobe, 0, 'needs a target that the section does not name'],
  ])('in section %s', (section, type, attachType, reason) => {
    expect(attach(section, type, attachType)).toMatchObject({ kind: 'skipped', reason: expect.stringContaining(reason) })
  })
})

it.each([
  ['tracepoint/sched', Tracepoint, 'should be tracepoint/CATEGORY/NAME'],
  ['uprobe/malloc', Kprobe, 'should be uprobe/BINARY:FUNCTION[+OFFSET]'],
  ['usdt.s/libc', Kprobe, 'should be usdt/BINARY:PROVIDER:NAME'],
])('section %s says too little', (section, type, problem) => {
  expect(attachErrorOf(() => attach(section, type)).message).toContain(problem)
})
