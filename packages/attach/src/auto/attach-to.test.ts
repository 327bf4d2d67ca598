import { AttachType, ProgType } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { attachErrorOf } from '../testing/errors'
import { fakeContext, fakeProgram } from '../testing/fake-context'
import { attachTo } from './attach-to'
import { OptionError } from './option-values'

const files = {
  '/proc/self/mountinfo': '30 20 0:7 / /sys/kernel/tracing rw - tracefs tracefs rw\n',
  '/proc/kallsyms': 'ffffffff81001000 T vfs_read\n',
  '/sys/bus/event_source/devices/kprobe/type': '6',
  '/sys/devices/system/cpu/online': '0-1',
}

function attach(type: keyof typeof ProgType, target: string, options: Readonly<Record<string, string>> = {}, fields: object = {}) {
  const context = fakeContext({ files })
  const link = attachTo(context, fakeProgram({ type: ProgType[type], ...fields }), target, options)
  const calls = context.calls.filter(call => call.operation === 'BPF_LINK_CREATE').map(call => call.attributes)
  return { link, calls }
}

describe('a target that is written down', () => {
  it.each([
    ['Xdp', '7', { mode: 'generic' }, 'XDP of interface 7 (generic)'],
    ['SchedCls', '7', { direction: 'egress', place: 'first' }, 'tc egress of interface 7'],
    ['SchedCls', '7:ingress', {}, 'tc ingress of interface 7'],
    ['CgroupDevice', '/sys/fs/cgroup/web', {}, 'cgroup_inet_ingress of cgroup /sys/fs/cgroup/web'],
    ['SkLookup', '/run/netns/blue', {}, 'cgroup_inet_ingress of network namespace /run/netns/blue'],
    ['PerfEvent', 'cpu-clock', { frequency: '99', pid: '1' }, 'perf event cpu-clock of process 1'],
    ['Netfilter', 'ipv6:output', { priority: '-10' }, 'netfilter ipv6 output priority -10'],
    ['Kprobe', 'vfs_read+0x4', { cookie: '0x10' }, 'kprobe vfs_read+0x4'],
    ['RawTracepoint', 'sys_enter', {}, 'sys_enter'],
  ] as const)('%s %s', (type, target, options, shown) => {
    expect(attach(type, target, options).link.target).toBe(shown)
  })

  it('reaches the kernel with its options', () => {
    expect(attach('Netfilter', 'ipv4:input', { priority: '-10', defragment: 'yes' }).calls).toMatchObject([
      { pf: 2, hooknum: 1, priority: -10, netfilterFlags: 1 },
    ])
    expect(attach('SchedCls', '7', { direction: 'ingress', place: 'before:link:9' }).calls).toMatchObject([{ relativeFd: 9, targetFd: 7 }])
  })

  it('says on its own whether a probe is on return', () => {
    expect(attach('Kprobe', 'vfs_read', {}, { section: 'kretprobe' }).link.kind).toBe('kretprobe')
  })

  it('goes to netkit where the program is for it', () => {
    expect(attach('SchedCls', '7', {}, { expectedAttachType: AttachType.NetkitPeer }).link.target).toBe('netkit peer of interface 7')
  })

  it.each([
    ['SchedCls', '7:in', 'it is INTERFACE[:ingress|:egress]'],
    ['SchedAct', '7', 'it is INTERFACE:ingress or INTERFACE:egress'],
    ['Netfilter', 'ipv4', 'it is FAMILY:HOOK'],
    ['Netfilter', 'ipv4:toString', 'it is FAMILY:HOOK'],
    ['LwtXmit', '10.0.0.0/8', 'it is NETWORK@INTERFACE'],
    ['Tracepoint', 'sched', 'it is CATEGORY/NAME'],
  ] as const)('%s %s is none', (type, target, hint) => {
    expect(attachErrorOf(() => attach(type, target)).hint).toContain(hint)
  })

  it('is not for every program', () => {
    expect(attachErrorOf(() => attach('Syscall', 'x')).message).toContain('takes no target that can be written down')
  })

  it.each([
    [{ moed: 'generic' }, 'xdp has no option "moed"', 'did you mean mode?'],
    [{ mode: 'fast' }, 'option mode of xdp cannot be "fast"', 'it is native, generic or offload'],
    [{ mode: 'genric' }, 'option mode of xdp cannot be "genric"', 'did you mean generic?'],
    [{ replace: 'that one' }, 'option replace of xdp cannot be "that one"', 'it is any'],
    [{ priority: '1' }, 'xdp has no option "priority"', undefined],
  ])('knows its options: %j', (options, message, hint) => {
    try {
      attach('Xdp', '7', options as Readonly<Record<string, string>>)
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(OptionError)
      expect(error).toMatchObject({ message, ...(hint === undefined ? {} : { hint }) })
    }
  })
})
