import { AttachType, BpfCommand, Errno, type TracedCall } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { attachErrorOf } from '../testing/errors'
import { type FakeOptions, fakeContext, fakeProgram } from '../testing/fake-context'
import { attachKprobe, type KprobeTarget, kprobeLine } from './kprobe'
import { attachKsyscall } from './ksyscall'

const tracefs = '/sys/kernel/tracing'
const kallsyms = `\
ffffffff81000000 T _text
ffffffff81001000 T tcp_v4_connect
ffffffff81002000 T tcp_v6_connect
ffffffff81003000 t do_unlinkat.isra.0
ffffffff81003500 t do_unlinkat.cold
ffffffff81004000 t init_once
ffffffff81005000 t init_once
ffffffff81006000 T __x64_sys_openat
ffffffff81007000 D jiffies
ffffffffc0001000 t nf_ct_delete	[nf_conntrack]
`
const kernel = {
  '/proc/self/mountinfo': `30 20 0:7 / ${tracefs} rw - tracefs tracefs rw\n`,
  '/proc/self/stat': '1 (x) S',
  '/proc/kallsyms': kallsyms,
  '/proc/modules': 'nf_conntrack 180224 2 - Live 0x0\n',
  [`${tracefs}/kprobe_events`]: '',
  [`${tracefs}/available_filter_functions_addrs`]: `\
ffffffff81001000 tcp_v4_connect
ffffffff81002000 tcp_v6_connect
ffffffff81006000 __x64_sys_openat
ffffffffc0001000 nf_ct_delete [nf_conntrack]
ffffffff81fff000 __ftrace_invalid_address___8
`,
  '/sys/bus/event_source/devices/kprobe/type': '6\n',
  '/sys/bus/event_source/devices/kprobe/format/retprobe': 'config:0\n',
}
const kprobe = fakeProgram()
const kprobeMulti = fakeProgram({ expectedAttachType: AttachType.TraceKprobeMulti })

function attached(target: KprobeTarget, options: FakeOptions & { readonly program?: typeof kprobe } = {}) {
  const context = fakeContext({ files: kernel, ...options })
  const link = attachKprobe(context, options.program ?? kprobe, target)
  const made = (operation: string) => context.calls.filter(call => call.operation === operation || call.syscall === operation)
  const attributes = (call: TracedCall | undefined) => call?.attributes
  return { context, link, events: made('perf_event_open').map(attributes), links: made('BPF_LINK_CREATE').map(attributes), made }
}

const refused = (target: KprobeTarget, options: FakeOptions & { readonly program?: typeof kprobe } = {}) =>
  attachErrorOf(() => attached(target, options))

const numbers = (array: unknown) => Array.from(array as BigUint64Array)
const noPmu = Object.fromEntries(Object.entries(kernel).filter(([path]) => !path.startsWith('/sys/bus')))
const noLinks = (call: string | number) => (call === BpfCommand.LinkCreate ? Errno.EINVAL : 0)

describe('a kprobe', () => {
  it('is a perf event of the kprobe source, and a link', () => {
    const { link, events, links } = attached({ symbol: 'tcp_v4_connect' })
    expect(link).toMatchObject({ kind: 'kprobe', interface: 'bpf link', target: 'kprobe tcp_v4_connect' })
    expect(events).toMatchObject([{ type: 6, config: 0n, config1: 'tcp_v4_connect', config2: 0, pid: -1, cpu: 0 }])
    expect(links).toMatchObject([{ progFd: 10, attachType: AttachType.PerfEvent }])
  })

  it('may be on return, in the middle, or at an address', () => {
    expect(attached({ symbol: 'tcp_v4_connect', returns: true })).toMatchObject({ link: { kind: 'kretprobe' }, events: [{ config: 1n }] })
    expect(attached({ symbol: 'tcp_v4_connect', offset: 0x10 }).events).toMatchObject([{ config1: 'tcp_v4_connect', config2: 0x10 }])
    expect(attached({ address: 0xffff_ffff_8100_1000n, offset: 4 }).events).toMatchObject([{ config2: 0xffff_ffff_8100_1004n }])
  })

  it('hands over a cookie', () => {
    expect(attached({ symbol: 'tcp_v4_connect', cookie: 9n }).links).toMatchObject([{ bpfCookie: 9n }])
  })

  it('of a module says so', () => {
    expect(attached({ symbol: 'nf_ct_delete' }).events).toMatchObject([{ config1: 'nf_conntrack:nf_ct_delete' }])
    expect(attached({ symbol: 'nf_conntrack:nf_ct_delete' }).events).toMatchObject([{ config1: 'nf_conntrack:nf_ct_delete' }])
    expect(attached({ symbol: 'nf_ct_delete', module: 'nf_conntrack' }).events).toHaveLength(1)
  })

  it('finds what the compiler made of a function', () => {
    expect(attached({ symbol: 'do_unlinkat' }).events).toMatchObject([{ config1: 'do_unlinkat.isra.0' }])
  })

  it('of a module may be meant by a glob', () => {
    expect(attached({ symbol: 'nf_conntrack:nf_*' }).events).toMatchObject([{ config1: 'nf_conntrack:nf_ct_delete' }])
    expect(refused({ symbol: 'nf_conntrack:tcp_*' }).message).toContain('no kernel function that can be probed matches nf_conntrack:tcp_*')
  })

  it('is put on a function once, however often it is meant', () => {
    expect(attached({ symbol: ['tcp_v4_connect', 'tcp_v4_*', 'tcp_v4_connect'] }).events).toHaveLength(1)
  })

  it('takes several functions, one event each', () => {
    const { link, events } = attached({ symbol: 'tcp_v?_connect' })
    expect(events).toMatchObject([{ config1: 'tcp_v4_connect' }, { config1: 'tcp_v6_connect' }])
    expect(link.id).toBeUndefined()
  })

  it('tells functions of one name apart by their addresses', () => {
    expect(refused({ symbol: 'init_once' })).toMatchObject({
      message: expect.stringContaining('there are 2 functions named "init_once": 0xffffffff81004000, 0xffffffff81005000'),
      hint: expect.stringContaining('all'),
    })
    const { events } = attached({ symbol: 'init_once', duplicates: 'all' })
    expect(events).toMatchObject([{ config2: 0xffff_ffff_8100_4000n }, { config2: 0xffff_ffff_8100_5000n }])
  })

  it('is attached by ioctl where there are no such links', () => {
    const { link, made } = attached({ symbol: 'tcp_v4_connect' }, { fails: noLinks })
    expect(link.interface).toBe('perf_event ioctl')
    expect(made('ioctl').map(call => call.operation)).toEqual(['PERF_EVENT_IOC_SET_BPF', 'PERF_EVENT_IOC_ENABLE'])
  })

  it('is an event of tracefs where there is no kprobe source', () => {
    const { context, link, events } = attached({ symbol: 'tcp_v4_connect', offset: 8 }, { files: noPmu })
    expect(link.interface).toBe('tracefs event')
    expect(context.written).toEqual([expect.stringMatching(/^p:bpfts\/bpfts_\w+ tcp_v4_connect\+0x8\n$/)])
    expect(events).toMatchObject([{ type: 2, config: 77, samplePeriod: 1, pid: -1, cpu: 0 }])
    link.close()
    const [name] = /bpfts\/\w+/.exec(context.written[0] ?? '') ?? []
    expect(context.written[1]).toBe(`-:${name}\n`)
  })

  it('takes its event of tracefs back when it cannot be used', () => {
    const context = fakeContext({ files: noPmu, fails: call => (call === 'ioctl' ? Errno.EPERM : 0) })
    expect(attachErrorOf(() => attachKprobe(context, kprobe, { symbol: 'tcp_v4_connect' })).message).toContain('EPERM')
    expect(context.written).toHaveLength(2)
    expect(context.written[1]).toMatch(/^-:bpfts\//)
  })

  it('says why there is no way', () => {
    const files = { ...noPmu }
    const fails = (call: string | number) => (call === 'openat' ? Errno.ENOENT : 0)
    expect(refused({ symbol: 'tcp_v4_connect' }, { files, fails }).message).toContain(
      'bpf link: the kernel has no kprobe event source; perf_event ioctl: the kernel has no kprobe event source; tracefs event: this kernel has no',
    )
  })
})

describe('a kprobe.multi program', () => {
  it('is attached to all functions by one link', () => {
    const { link, links, events } = attached({ symbol: 'tcp_v?_connect', returns: true }, { program: kprobeMulti })
    expect(link).toMatchObject({ kind: 'kretprobe', interface: 'multi link' })
    expect(events).toEqual([])
    expect(links).toMatchObject([{ attachType: AttachType.TraceKprobeMulti, multiFlags: 1, cnt: 2 }])
    expect(numbers(links[0]?.['addrs'])).toEqual([0xffff_ffff_8100_1000n, 0xffff_ffff_8100_2000n])
  })

  it('goes by name where the kernel hides addresses', () => {
    const hidden = { ...kernel, '/proc/kallsyms': kallsyms.replace(/^[0-9a-f]+/gm, '0000000000000000') }
    const { links } = attached({ symbol: ['tcp_v4_connect', 'tcp_v6_connect'] }, { program: kprobeMulti, files: hidden })
    expect(links).toMatchObject([{ cnt: 2, syms: expect.any(BigUint64Array) }])
  })

  it('has a cookie for each function', () => {
    const cookie = ({ name }: { name: string }) => (name === 'tcp_v4_connect' ? 4n : 6n)
    const { links } = attached({ symbol: 'tcp_*', cookie }, { program: kprobeMulti })
    expect(numbers(links[0]?.['cookies'])).toEqual([4n, 6n])
  })

  it('as a session needs no flag', () => {
    const program = fakeProgram({ expectedAttachType: AttachType.TraceKprobeSession })
    const { link, links } = attached({ symbol: 'tcp_*', returns: true }, { program })
    expect(link.kind).toBe('kprobe session')
    expect(links).toMatchObject([{ attachType: AttachType.TraceKprobeSession, multiFlags: 0 }])
  })

  it('takes no offset for returns', () => {
    expect(refused({ symbol: 'tcp_v4_connect', offset: 4, returns: true }).message).toContain('from where a function begins only')
  })

  it('takes no offset', () => {
    expect(refused({ symbol: 'tcp_v4_connect', offset: 4 }, { program: kprobeMulti }).message).toContain('go to where functions begin')
  })

  it('goes by what ftrace can trace, without addresses by what the kernel lists too', () => {
    const { [`${tracefs}/available_filter_functions_addrs`]: _, ...older } = kernel
    const files = { ...older, [`${tracefs}/available_filter_functions`]: 'tcp_v4_connect\nnf_ct_delete [nf_conntrack]\n' }
    const { links } = attached({ symbol: '*' }, { program: kprobeMulti, files })
    expect(numbers(links[0]?.['addrs'])).toEqual([0xffff_ffff_8100_1000n, 0xffff_ffff_c000_1000n])
  })
})

describe('a function that is not there', () => {
  it.each([
    ['tcp_v4_conect', 'tcp_v4_connect'],
    ['sys_openat', '__x64_sys_openat'],
    ['no_such_function_at_all', 'inlined'],
    ['nf_tables:x', 'module nf_tables is not loaded'],
    ['jiffies', 'inlined'],
  ])('%s: %s', (symbol, hint) => {
    const error = refused({ symbol })
    expect(error.message).toContain('there is no kernel function')
    expect(error.hint).toContain(hint)
  })

  it('or no pattern that fits', () => {
    expect(refused({ symbol: 'no_such_*' }).message).toContain('no kernel function that can be probed matches no_such_*')
  })

  it('is for the kernel to find where it does not list its symbols', () => {
    const files = { ...kernel, '/proc/kallsyms': '' }
    expect(attached({ symbol: 'anything' }, { files }).events).toMatchObject([{ config1: 'anything' }])
    const fails = (call: string | number) => (call === 'perf_event_open' ? Errno.ENOENT : 0)
    expect(refused({ symbol: 'anything' }, { files, fails }).message).toContain('the kernel knows no such function')
  })
})

describe('a system call', () => {
  it('is found by the name of its function on this kernel', () => {
    const context = fakeContext({ files: kernel })
    expect(attachKsyscall(context, kprobe, { syscall: 'openat' }).target).toBe('kprobe __x64_sys_openat')
    const old = fakeContext({ files: { ...kernel, '/proc/kallsyms': 'ffffffff81006000 T sys_openat\n' } })
    expect(attachKsyscall(old, kprobe, { syscall: 'openat', returns: true }).target).toBe('kretprobe sys_openat')
  })

  it('that is not there has near ones', () => {
    const error = attachErrorOf(() => attachKsyscall(fakeContext({ files: kernel }), kprobe, { syscall: 'opneat' }))
    expect(error).toMatchObject({ message: expect.stringContaining('this kernel has no such system call'), hint: 'did you mean openat?' })
  })
})

it.each([
  [{ symbol: 'a', offset: 0 }, false, 'p:g/n a'],
  [{ symbol: 'm:a', offset: 16 }, false, 'p:g/n m:a+0x10'],
  [{ symbol: 'a', offset: 0 }, true, 'r:g/n a'],
  [{ address: 0xffff_ffff_8100_0000n }, false, 'p:g/n 0xffffffff81000000'],
] as const)('a line of kprobe_events: %s', (place, returns, line) => {
  expect(kprobeLine('g/n', place, returns)).toBe(line)
})
