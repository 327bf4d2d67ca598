import { describe, expect, it } from 'vitest'
import { attachErrorOf } from '../testing/errors'
import { fakeContext } from '../testing/fake-context'
import { type FunctionSelection, findKernelFunctions } from './kernel-functions'

const tracefs = '/sys/kernel/tracing'
const kallsyms = `\
ffffffff81000000 T _text
ffffffff81001000 t __do_sys_getppid
ffffffff81001000 T __ia32_sys_getppid
ffffffff81001000 T __x64_sys_getppid
ffffffff81002000 T __x64_sys_getpgid
ffffffff81003000 t netstat_show.constprop.0.isra.0
ffffffff81003800 t netstat_show.constprop.0.isra.0.cold
ffffffff81004000 t show_it.isra.0
ffffffff81004100 t show_it.isra.0
ffffffff81005000 t do_pipe.part.0
ffffffff81005800 t do_pipe.part.0.cold
ffffffff81006000 t release
ffffffff81006100 t release
ffffffff81006200 T __x64_sys_not_traced
ffffffffc0001000 t release	[veth]
ffffffffc0001000 t veth_release	[veth]
ffffffffc0002000 t veth_open.llvm.1234567	[veth]
`
const names = ['__do_sys_getppid', '__x64_sys_getpgid', 'netstat_show.constprop.0.isra.0', 'release', 'release [veth]']
const files = {
  '/proc/self/mountinfo': `30 20 0:7 / ${tracefs} rw - tracefs tracefs rw\n`,
  '/proc/kallsyms': kallsyms,
  [`${tracefs}/available_filter_functions`]: `${names.join('\n')}\n`,
}
/** Ftrace's calls begin behind a landing pad of 4 bytes. */
const withPlaces = {
  ...files,
  [`${tracefs}/available_filter_functions_addrs`]: `\
ffffffff81001004 __do_sys_getppid
ffffffff81002004 __x64_sys_getpgid
ffffffff81003004 netstat_show.constprop.0.isra.0
ffffffff81006104 release
ffffffffc0001004 release [veth]
`,
}

const label = { kind: 'kprobe', program: 'prog', target: 'somewhere' } as const
const find = (selection: FunctionSelection, given: Readonly<Record<string, string>> = withPlaces) =>
  findKernelFunctions(fakeContext({ files: given }).kernel, label, selection).map(
    ({ name, address }) => `${name} ${address === undefined ? '?' : `+${(address & 0xffffn).toString(16)}`}`,
  )
const refused = (selection: FunctionSelection) => attachErrorOf(() => find(selection))

describe.each([
  ['that says where', withPlaces],
  ['of names only', files],
])('with a list of ftrace %s, a pattern', (_, given) => {
  it.each<[FunctionSelection['symbol'], string[]]>([
    ['__x64_sys_getp*', ['__x64_sys_getppid +1000', '__x64_sys_getpgid +2000']],
    ['__ia32_sys_*', ['__ia32_sys_getppid +1000']],
    [/sys_getppid$/, ['__do_sys_getppid +1000']],
    [
      ['__ia32_sys_getppid', '__x64_sys_*'],
      ['__ia32_sys_getppid +1000', '__x64_sys_getpgid +2000'],
    ],
    ['netstat_*', ['netstat_show.constprop.0.isra.0 +3000']],
    ['veth:*rel*', ['release +1000']],
    ['veth:veth_rel*', ['veth_release +1000']],
  ])('%s means each function once, by any of its names', (symbol, functions) => {
    expect(find({ symbol }, given)).toEqual(functions)
  })

  it('means nothing that ftrace cannot trace', () => {
    expect(() => find({ symbol: '__x64_sys_not_*' }, given)).toThrow('no kernel function that can be probed matches __x64_sys_not_*')
  })
})

describe('of functions that share a name, a pattern', () => {
  it('means those that are traced where the kernel says which', () => {
    expect(find({ symbol: 'rel*', module: 'vmlinux' })).toEqual(['release +6100'])
    expect(find({ symbol: 'rel*', module: 'vmlinux' }, files)).toEqual(['release +6000', 'release +6100'])
  })

  it('means places, as the name would not tell them apart', () => {
    const [release] = findKernelFunctions(fakeContext({ files: withPlaces }).kernel, label, { symbol: 'rel*', module: 'vmlinux' })
    expect(release).toMatchObject({ shared: true })
  })
})

describe('while the kernel hides addresses, a pattern', () => {
  const hidden = { ...files, '/proc/kallsyms': kallsyms.replace(/^[0-9a-f]+/gm, '0000000000000000') }

  it('goes by the names in the list of ftrace', () => {
    expect(find({ symbol: ['__do_sys_getppid', '*getp*'] }, hidden)).toEqual(['__do_sys_getppid ?', '__x64_sys_getpgid ?'])
  })

  it('goes by the names of the kernel where there is no list', () => {
    const { [`${tracefs}/available_filter_functions`]: _, ...none } = hidden
    expect(find({ symbol: 'do_pipe*' }, none)).toEqual(['do_pipe.part.0 ?'])
  })
})

it('functions of a module may come, and come back elsewhere', () => {
  const changing: Record<string, string> = { ...withPlaces, '/proc/modules': 'veth 32768 0 - Live 0xffffffffc0001000\n' }
  const { kernel } = fakeContext({ files: changing })
  const at = (symbol: string) => findKernelFunctions(kernel, label, { symbol }).map(({ address }) => address?.toString(16))
  expect(at('veth_release')).toEqual(['ffffffffc0001000'])
  changing['/proc/kallsyms'] = kallsyms.replaceAll('ffffffffc000', 'ffffffffc111').concat('ffffffffc1113000 t dummy_xmit\t[dummy]\n')
  changing['/proc/modules'] = 'dummy 12288 0 - Live 0xffffffffc1113000\nveth 32768 0 - Live 0xffffffffc1111000\n'
  expect(at('veth_release')).toEqual(['ffffffffc1111000'])
  expect(at('dummy_xmit')).toEqual(['ffffffffc1113000'])
})

describe('a name that the compiler changed', () => {
  it.each([
    ['netstat_show', 'netstat_show.constprop.0.isra.0 +3000'],
    ['veth:veth_open', 'veth_open.llvm.1234567 +2000'],
  ])('%s is %s', (symbol, found) => {
    expect(find({ symbol })).toEqual([found])
  })

  it('that several functions had is refused, unless all are meant', () => {
    expect(refused({ symbol: 'show_it' }).message).toContain(
      'there are 2 functions named "show_it.isra.0": 0xffffffff81004000, 0xffffffff81004100',
    )
    expect(find({ symbol: 'show_it', duplicates: 'all' })).toEqual(['show_it.isra.0 +4000', 'show_it.isra.0 +4100'])
  })

  it('is a near one for what is mistyped', () => {
    expect(refused({ symbol: 'netstat_shwo' }).hint).toBe('did you mean netstat_show?')
  })

  it('of which a part is left is no function, and the part is named', () => {
    expect(refused({ symbol: 'do_pipe' }).hint).toBe('it was put inline where it is called, but for do_pipe.part.0')
    expect(find({ symbol: 'do_pipe.part.0' })).toEqual(['do_pipe.part.0 +5000'])
  })
})
