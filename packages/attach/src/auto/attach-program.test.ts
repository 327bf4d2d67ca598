import { AttachType, ProgType } from '@bpf/sys'
import { describe, expect, it, vi } from 'vitest'
import type { Link } from '../link/link'
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

describe('a target whose types nobody checked', () => {
  const refusal = (target: object | number | null) => {
    const { message, hint } = attachErrorOf(() => attach('Kprobe', target as AttachTarget))
    return `${message}. ${hint}`
  }

  it.each<[object | number | null, string]>([
    [
      { kprobe: { symbol: 'vfs_read', cokie: 1n } },
      'to kprobe: kprobe has no option "cokie". did you mean cookie? The options of kprobe are symbol, module, duplicates,',
    ],
    [{ kprobe: { symbol: 'vfs_read', zzz: 1 } }, 'kprobe has no option "zzz". options of kprobe are symbol,'],
    [{ tracepoint: { category: 'sched' } }, 'tracepoint needs the option "name". options of tracepoint are category, name'],
    [{ xdp: { interface: undefined } }, 'xdp needs the option "interface"'],
    [{ kind: 'kprobe', function: 'vfs_read' }, 'to ["kind","function"]: the target does not name one hook'],
    [{ krpobe: { symbol: 'vfs_read' } }, 'there is no hook "krpobe". did you mean kprobe?'],
    [{ kprobe: 'vfs_read' }, 'the options of kprobe are an object'],
    [{ target: 7 }, 'there is no hook "target"'],
    [null, 'to null: that is no target. write a text'],
    [7, 'to 7: that is no target'],
  ])('%o is refused', (target, words) => {
    expect(refusal(target)).toContain(words)
  })

  it('is checked when it comes out of a JSON file, too', () => {
    expect(refusal(parseAttachTarget({ kprobe: { symbol: 'vfs_read', cokie: 1 } }) as object)).toContain('did you mean cookie?')
  })
})

describe('an entry of a map that packets are redirected by', () => {
  const devmap = { expectedAttachType: AttachType.XdpDevmap, section: 'xdp/devmap' }
  const cpumap = { expectedAttachType: AttachType.XdpCpumap, section: 'xdp/cpumap' }

  /** What there is to see without a kernel that knows the map: where it would go. */
  const targetOf = (target: AttachTarget, fields: object) => attachErrorOf(() => attach('Xdp', target, fields)).message

  it.each([
    [
      'devmap "counts", key 3, interface 7',
      devmap,
      ['counts:3@7', 'devmap=counts:3@7', { devmap: { map: maps.counts, key: 3, interface: 7 } }],
    ],
    ['cpumap "counts", CPU 2', cpumap, ['counts:2', 'cpumap=counts:2,queueSize=64', { cpumap: { map: maps.counts, cpu: 2 } }]],
  ] as const)('is %s', (place, fields, targets) => {
    for (const target of targets) expect(targetOf(target, fields)).toContain(place)
  })

  it('is of a map that the object has, and written as such', () => {
    expect(targetOf('ports:3@7', devmap)).toContain('map "ports": the object has no such map')
    expect(attachErrorOf(() => attach('Xdp', 'eth0', devmap)).hint).toBe('it is MAP:KEY@INTERFACE: ports:3@eth0')
    expect(attachErrorOf(() => attach('Xdp', 'counts', cpumap)).hint).toBe('it is MAP:CPU: cpus:2')
  })
})

describe('an XDP program among others', () => {
  const link = { kind: 'xdp' } as Link
  const dispatched = (target: AttachTarget) => {
    const dispatch = vi.fn(() => link)
    expect(attachProgram({ ...fakeContext({ files }), dispatch }, fakeProgram({ type: ProgType.Xdp }), target)).toBe(link)
    return dispatch.mock.calls[0]
  }

  it.each<[AttachTarget, object]>([
    ['7,dispatch', {}],
    ['xdp=7,dispatch,priority=10,chainCallActions=pass+tx', { priority: 10, chainCallActions: ['XDP_PASS', 'XDP_TX'] }],
    [{ target: '7', dispatch: true, mode: 'generic' }, { mode: 'generic' }],
    [{ xdpDispatched: { interface: 7, priority: 3 } }, { priority: 3 }],
    [parseAttachTarget({ xdpDispatched: { interface: 7, priority: 3 } }), { priority: 3 }],
  ])('%j', (target, options) => {
    expect(dispatched(target)).toEqual([expect.objectContaining({ type: ProgType.Xdp }), { interface: 7, ...options }])
  })

  it('has options that a program alone does not have', () => {
    expect(() => attach('Xdp', '7,priority=10')).toThrow(expect.objectContaining({ hint: expect.stringContaining('dispatch') }))
    expect(() => attach('Xdp', '7,dispatch=perhaps')).toThrow('option dispatch of xdp cannot be "perhaps"')
    expect(() => attach('Xdp', '7,dispatch,chainCallActions=pass+fly')).toThrow(OptionError)
    expect(attach('Xdp', '7,dispatch=no').link.target).toBe('XDP of interface 7')
  })

  it('needs somebody who loads it once more', () => {
    expect(attachErrorOf(() => attach('Xdp', '7,dispatch')).hint).toContain('@bpf/loader')
  })
})
