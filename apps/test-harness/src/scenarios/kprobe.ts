import { readFileSync } from 'node:fs'
import { attachKprobe, attachKsyscall, type KprobeTarget, type Link, type LinkInterface } from '@bpf/attach'
import { AttachType, ProgType } from '@bpf/sys'
import type { FeatureName } from '../scenario/features'
import type { Scenario, ScenarioContext } from '../scenario/types'
import { counting, onHook, prepared } from './every-hook'

/** What the kernel calls for it has had this name, and no other, since there are BPF programs. */
const getppid = '__x64_sys_getppid'
const callGetppid = () => void process.ppid
/** Some of them are called for every file that is opened. */
const opening = '__x64_sys_open*'
const openAFile = () => void readFileSync('/proc/self/comm')

const ways: readonly (readonly [LinkInterface, FeatureName[]])[] = [
  ['bpf link', ['kprobe event source', 'perf link']],
  ['perf_event ioctl', ['kprobe event source']],
  ['tracefs event', ['kprobe']],
]

const cable = prepared(t => t.network())
const moduleTargets: readonly (readonly [title: string, KprobeTarget])[] = [
  ['named before the function', { symbol: 'veth:veth_xmit' }],
  ['named beside it', { symbol: 'veth_xmit', module: 'veth' }],
  ['with a pattern', { symbol: 'veth_x*', module: 'veth' }],
  ['by tracefs event', { symbol: 'veth:veth_xmit', interfaces: ['tracefs event'] }],
]

type Via = Pick<KprobeTarget, 'interfaces'>
const byTracefs: Via = { interfaces: ['tracefs event'] }
const titleOf = ({ interfaces }: Via) => (interfaces === undefined ? '' : ` by ${interfaces.join()}`)

function addressOf(t: ScenarioContext, name: string): bigint {
  for (const { address } of t.attachContext.kernel.kallsyms().find(name)) return address
  throw new Error(`the kernel does not list ${name}`)
}

/** Functions begin with a call for ftrace, of 5 bytes, in some kernels behind an instruction of 4: the next one begins there. */
const afterFtrace = [5, 9] as const

function attachInside(t: ScenarioContext, via: Via): Link {
  const [first, second] = afterFtrace
  const attach = (offset: number) => attachKprobe(t.attachContext, t.program('on_kprobe'), { symbol: getppid, offset, ...via })
  try {
    return attach(first)
  } catch (error) {
    if (!String(error).includes('no instruction begins there')) throw error
    return attach(second)
  }
}

const kprobe = (name: string, program: string, features: readonly FeatureName[], target: KprobeTarget, stimulate = callGetppid): Scenario =>
  onHook(program, {
    name,
    family: 'kprobe',
    requires: { features },
    attach: t => attachKprobe(t.attachContext, t.program(program), target),
    stimulate,
  })

export const kprobeScenarios: readonly Scenario[] = [
  kprobe('kprobe', 'on_kprobe', ['kprobe'], { symbol: getppid }),
  kprobe('kretprobe', 'on_kretprobe', ['kprobe'], { symbol: getppid, returns: true }),
  ...ways.flatMap(([via, features]) => [
    kprobe(`kprobe by ${via}`, 'on_kprobe', features, { symbol: getppid, interfaces: [via] }),
    kprobe(`kretprobe by ${via}`, 'on_kretprobe', features, { symbol: getppid, returns: true, interfaces: [via] }),
  ]),
  kprobe('kprobe by regular expression', 'on_kprobe', ['kprobe'], { symbol: /^__x64_sys_openat2?$/ }, openAFile),
  kprobe('kprobe on several functions', 'on_kprobe', ['kprobe'], { symbol: [getppid, '__x64_sys_getp?id'] }),
  kprobe('kprobe with a cookie', 'on_kprobe', ['kprobe', 'attach cookie'], { symbol: getppid, cookie: 7n }),
  kprobe('kprobe.multi', 'on_kprobe_multi', ['kprobe.multi'], { symbol: opening }, openAFile),
  kprobe('kretprobe.multi', 'on_kretprobe_multi', ['kprobe.multi'], { symbol: opening, returns: true }, openAFile),
  kprobe('kprobe.session', 'on_kprobe_session', ['kprobe.session'], { symbol: opening }, openAFile),
  ...[{}, byTracefs].flatMap(via => [
    onHook('on_kprobe', {
      name: `kprobe at an address${titleOf(via)}`,
      family: 'kprobe',
      requires: { features: ['kprobe'] },
      attach: t => attachKprobe(t.attachContext, t.program('on_kprobe'), { address: addressOf(t, getppid), ...via }),
      stimulate: callGetppid,
    }),
    onHook('on_kprobe', {
      name: `kprobe inside of a function${titleOf(via)}`,
      family: 'kprobe',
      requires: { features: ['kprobe'] },
      attach: t => attachInside(t, via),
      stimulate: callGetppid,
    }),
  ]),
  ...moduleTargets.map(([title, target]) =>
    onHook('on_kprobe', {
      name: `kprobe of a module, ${title}`,
      family: 'kprobe',
      requires: { features: ['kprobe'], modules: ['veth'], commands: ['ip'] },
      prepare: cable.prepare,
      attach: t => attachKprobe(t.attachContext, t.program('on_kprobe'), target),
      // A packet is handed to the driver in the process that sends it.
      stimulate: t => void cable.of(t).send(cable.of(t).near, cable.of(t).far),
    }),
  ),
  {
    name: 'kprobe.multi with a cookie for each function',
    family: 'kprobe',
    requires: { features: ['kprobe.multi'] },
    check(t) {
      const program = counting(t, { type: ProgType.Kprobe, expectedAttachType: AttachType.TraceKprobeMulti, cookie: true })
      const cookies: Readonly<Record<string, bigint>> = { [getppid]: 7n, __x64_sys_getpid: 9n }
      const link = attachKprobe(t.attachContext, program, { symbol: Object.keys(cookies), cookie: ({ name }) => cookies[name] ?? 0n })
      t.defer(() => link.close())
      callGetppid()
      if (program.cookie() !== 7n) throw new Error(`the cookie is ${program.cookie()}, expected 7`)
    },
  },
  ...(['on_ksyscall', 'on_kretsyscall'] as const).flatMap(program =>
    [{}, byTracefs].map(via =>
      onHook(program, {
        name: `${program.slice('on_'.length)}${titleOf(via)}`,
        family: 'ksyscall',
        requires: { features: ['kprobe'] },
        attach: t =>
          attachKsyscall(t.attachContext, t.program(program), { syscall: 'getppid', returns: program === 'on_kretsyscall', ...via }),
        stimulate: callGetppid,
      }),
    ),
  ),
]
