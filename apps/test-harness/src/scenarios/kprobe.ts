import { readFileSync } from 'node:fs'
import { attachKprobe, attachKsyscall, type KprobeTarget, type LinkInterface } from '@bpf/attach'
import type { FeatureName } from '../scenario/features'
import type { Scenario } from '../scenario/types'
import { onHook } from './every-hook'

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
  kprobe('kprobe on several functions', 'on_kprobe', ['kprobe'], { symbol: [getppid, '__x64_sys_getp?id'] }),
  kprobe('kprobe with a cookie', 'on_kprobe', ['kprobe', 'attach cookie'], { symbol: getppid, cookie: 7n }),
  kprobe('kprobe.multi', 'on_kprobe_multi', ['kprobe.multi'], { symbol: opening }, openAFile),
  kprobe('kretprobe.multi', 'on_kretprobe_multi', ['kprobe.multi'], { symbol: opening, returns: true }, openAFile),
  kprobe('kprobe.session', 'on_kprobe_session', ['kprobe.session'], { symbol: opening }, openAFile),
  ...(['on_ksyscall', 'on_kretsyscall'] as const).map(program =>
    onHook(program, {
      name: program.slice('on_'.length),
      family: 'ksyscall',
      requires: { features: ['kprobe'] },
      attach: t => attachKsyscall(t.attachContext, t.program(program), { syscall: 'getppid', returns: program === 'on_kretsyscall' }),
      stimulate: callGetppid,
    }),
  ),
]
