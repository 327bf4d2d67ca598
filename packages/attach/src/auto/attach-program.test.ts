import { ProgType } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { attachErrorOf } from '../testing/errors'
import { fakeContext, fakeProgram } from '../testing/fake-context'
import { type AttachTarget, attachProgram, parseAttachTarget } from './attach-program'
import { AttachSpecError } from './attach-spec'
import { OptionError } from './option-values'

const files = {
  '/proc/self/mountinfo': '30 20 0:7 / /sys/kernel/tracing rw - tracefs tracefs rw\n',
  '/proc/kallsyms': 'ffffffff81001000 T vfs_read\n',
  '/sys/bus/event_source/devices/kprobe/type': '6',
  '/sys/devices/system/cpu/online': '0-1',
}
const maps = { sockets: { name: 'sockets', fd: 50 }, counts: { name: 'counts', fd: 51 } }

function attach(type: keyof typeof ProgType, target: AttachTarget, fields: object = {}) {
  const fake = fakeContext({ files })
  const context = { ...fake, map: (name: string) => maps[name as keyof typeof maps] }
  const link = attachProgram(context, fakeProgram({ type: ProgType[type], ...fields }), target)
  const calls = fake.calls.filter(call => call.operation === 'BPF_LINK_CREATE').map(call => call.attributes)
  return { link, calls }
}

describe('one target, as a text, in parts, and by its hook', () => {
  it.each([
    ['Xdp', '7,mode=generic', { target: '7', mode: 'generic' }, { xdp: { interface: 7, mode: 'generic' } }],
    ['SchedCls', '7,direction=egress', { target: '7', direction: 'egress' }, { tc: { interface: 7, direction: 'egress' } }],
    [
      'Netfilter',
      'ipv4:input,priority=-10',
      { target: 'ipv4:input', priority: -10 },
      { netfilter: { family: 'ipv4', hook: 'input', priority: -10 } },
    ],
    ['CgroupDevice', '/sys/fs/cgroup/web', { target: '/sys/fs/cgroup/web' }, { cgroup: { cgroup: '/sys/fs/cgroup/web' } }],
    ['SkLookup', '/run/netns/blue', { target: '/run/netns/blue' }, { netns: { netns: '/run/netns/blue' } }],
    ['Kprobe', 'vfs_read,cookie=0x10', { target: 'vfs_read', cookie: 16n }, { kprobe: { symbol: 'vfs_read', cookie: 16n } }],
    ['SkMsg', 'sockets', { target: 'sockets' }, { sockmap: { map: maps.sockets } }],
    [
      'PerfEvent',
      'cpu-clock,frequency=99,pid=1',
      { target: 'cpu-clock', frequency: 99, pid: 1 },
      { perfEvent: { event: 'cpu-clock', frequency: 99, pid: 1 } },
    ],
    ['RawTracepoint', 'sys_enter', { target: 'sys_enter' }, { rawTracepoint: { name: 'sys_enter' } }],
  ] as const)('%s: %s', (type, text, parts, typed) => {
    const expected = attach(type, text)
    for (const target of [parts, typed]) {
      const { link, calls } = attach(type, target)
      expect([link.kind, link.target]).toEqual([expected.link.kind, expected.link.target])
      expect(calls).toEqual(expected.calls)
    }
  })
})

describe('a target as a text', () => {
  it.each(['xdp=7', 'filter=7', 'xdp.frags=7'])('may say whose it is: %s', text => {
    expect(attach('Xdp', text, { name: 'filter', section: 'xdp.frags' }).link.target).toBe('XDP of interface 7')
  })

  it('is not for a program of another hook', () => {
    expect(() => attach('Xdp', 'tc=7', { name: 'filter', section: 'xdp' })).toThrow(AttachSpecError)
  })

  it('may name a map of the object', () => {
    expect(attach('Tracing', 'map:counts', { expectedAttachType: 28 }).link.kind).toBe('iter')
    expect(attachErrorOf(() => attach('SkMsg', 'socks')).message).toContain('the object has no such map')
  })

  it('says on its own whether a probe is on return', () => {
    expect(attach('Kprobe', { kprobe: { symbol: 'vfs_read' } }, { section: 'kretprobe' }).link.kind).toBe('kretprobe')
  })
})

describe('a target out of a JSON file', () => {
  it.each([
    ['eth0', 'eth0'],
    [
      { target: 'eth0', mode: 'generic' },
      { target: 'eth0', mode: 'generic' },
    ],
    [{ kprobe: { symbol: 'vfs_read', cookie: '0x10' } }, { kprobe: { symbol: 'vfs_read', cookie: 16n } }],
    [{ tc: { interface: 'eth0', expectedRevision: 7 } }, { tc: { interface: 'eth0', expectedRevision: 7n } }],
  ])('%j', (json, target) => {
    expect(parseAttachTarget(json)).toEqual(target)
  })

  it.each([
    [7, 'write a text'],
    [null, 'write a text'],
    [{}, 'name one hook'],
    [{ xdp: {}, tc: {} }, 'name one hook'],
    [{ xpd: {} }, 'did you mean xdp?'],
    [{ xdp: 'eth0' }, 'the options of xdp are an object'],
    [{ kprobe: { cookie: -1 } }, 'cookie is a number'],
    [{ target: 'eth0', mode: [] }, 'option mode is a text'],
  ])('%j is none', (json, hint) => {
    expect(() => parseAttachTarget(json)).toThrow(expect.objectContaining({ hint: expect.stringContaining(hint) }))
  })

  it('is checked against its hook when it is used', () => {
    expect(() => attach('Xdp', parseAttachTarget({ target: '7', moed: 'generic' }))).toThrow(OptionError)
  })
})
