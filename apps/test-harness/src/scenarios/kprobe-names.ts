import { throws } from 'node:assert/strict'
import { closeSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs'
import { attachKprobe, type KprobeTarget, type LinkInterface } from '@bpf/attach'
import { BpfError } from '@bpf/bytes'
import type { FeatureName } from '../scenario/features'
import type { Scenario, ScenarioContext } from '../scenario/types'
import { onHook } from './every-hook'

type Stimulus = (t: ScenarioContext) => void

const read =
  (path: string): Stimulus =>
  () =>
    void readFileSync(path)
/** With what is there already. */
const rewrite =
  (path: string): Stimulus =>
  () =>
    writeFileSync(path, readFileSync(path))

function readFromTheMiddle(): void {
  const file = openSync('/proc/self/net/snmp', 'r')
  readSync(file, new Uint8Array(1), 0, 1, 1)
  closeSync(file)
}

interface Renamed {
  /** In the kernel's source. */
  readonly name: string
  /** What compilers have appended. */
  readonly suffix: RegExp
  readonly stimulate: Stimulus
}

/** Static functions that GCC changed the arguments of in every kernel of Debian, and what makes them run. */
const clone: Renamed = {
  name: 'netstat_show',
  suffix: /\.(?:constprop|isra)\.\d+/,
  stimulate: read('/sys/class/net/lo/statistics/rx_packets'),
}
const otherClones: readonly Renamed[] = [
  { name: '__set_oom_adj', suffix: /\.isra\.\d+/, stimulate: rewrite('/proc/self/oom_score_adj') },
  { name: 'proc_get_long', suffix: /\.constprop\.\d+/, stimulate: rewrite('/proc/sys/vm/swappiness') },
  { name: 'snmp_seq_show_ipstats', suffix: /(?:\.constprop\.\d+)?\.isra\.\d+/, stimulate: read('/proc/self/net/snmp') },
]

/** Reading on from where a file of /proc was left off begins and ends in what is put inline; elsewhere the part has work. */
const part: Renamed = { name: 'traverse', suffix: /\.part\.\d+(?:\.constprop\.\d+)?/, stimulate: readFromTheMiddle }

const ways: readonly (readonly [LinkInterface, string, readonly FeatureName[]])[] = [
  ['multi link', 'on_kprobe_multi', ['kprobe.multi']],
  ['bpf link', 'on_kprobe', ['kprobe event source', 'perf link']],
  ['perf_event ioctl', 'on_kprobe', ['kprobe event source']],
  ['tracefs event', 'on_kprobe', ['kprobe']],
]

const requirementsOf = ({ name, suffix }: Renamed, features: readonly FeatureName[] = ['kprobe']) => ({
  features,
  functions: [new RegExp(`^${name}${suffix.source}$`)],
})

const renamed = (title: string, one: Renamed, program: string, features: readonly FeatureName[], target: KprobeTarget): Scenario =>
  onHook(program, {
    name: title,
    family: 'kprobe',
    requires: requirementsOf(one, features),
    attach: t => attachKprobe(t.attachContext, t.program(program), target),
    stimulate: one.stimulate,
  })

/** The kernel's list has the name of a part, which does not always run when the function is called. */
function findPart({ attachContext }: ScenarioContext): string {
  const whole = requirementsOf(part).functions[0]
  for (const { name } of attachContext.kernel.kallsyms().matching(other => whole?.test(other) ?? false)) return name
  throw new Error(`the kernel does not list a part of ${part.name}`)
}

/** Names of one function, which ftrace lists by yet another. */
const otherNames = /^__(?:x64|ia32)_sys_getppid$/
const callGetppid = () => void process.ppid

type Via = 'multi link' | 'tracefs event' | undefined
const programFor = (via: Via) => (via === 'multi link' ? 'on_kprobe_multi' : 'on_kprobe')
const requiredFor = (via: Via) => ({ features: [via === 'multi link' ? 'kprobe.multi' : 'kprobe'] as const })
const titleOf = (via: Via) => (via === undefined ? '' : `, by ${via}`)

/** One of them is called when this file is read, the others have the same name. */
const namesake = 'flags_show'
const readFlags = read('/sys/class/net/lo/flags')

function onNamesakes(via: Via): Scenario {
  const program = programFor(via)
  return onHook(program, {
    name: `kprobe on all functions of one name${titleOf(via)}`,
    family: 'kprobe',
    requires: requiredFor(via),
    attach(t) {
      const target = { symbol: namesake, ...(via && { interfaces: [via] }) }
      throws(() => attachKprobe(t.attachContext, t.program(program), target).close(), /there are \d+ functions named "flags_show"/)
      return attachKprobe(t.attachContext, t.program(program), { ...target, duplicates: 'all' })
    },
    stimulate: readFlags,
  })
}

function onOtherNames(via: Via): Scenario {
  const program = programFor(via)
  return onHook(program, {
    name: `kprobe once by several other names${titleOf(via)}`,
    family: 'kprobe',
    requires: requiredFor(via),
    attach: t => attachKprobe(t.attachContext, t.program(program), { symbol: otherNames, ...(via && { interfaces: [via] }) }),
    stimulate: callGetppid,
    check(t) {
      const runs = t.read('runs')
      if (runs !== 1n) throw new Error(`one call made ${runs} runs`)
    },
  })
}

export const kprobeNameScenarios: readonly Scenario[] = [
  ...ways.map(([via, program, features]) =>
    renamed(`kprobe on a clone by ${via}`, clone, program, features, { symbol: clone.name, interfaces: [via] }),
  ),
  ...otherClones.map(one => renamed(`kprobe on a clone, ${one.name}`, one, 'on_kprobe', ['kprobe'], { symbol: one.name })),
  onHook('on_kprobe', {
    name: 'kprobe on the part that is left of a function',
    family: 'kprobe',
    requires: requirementsOf(part),
    attach(t) {
      const attach = (symbol: string) => attachKprobe(t.attachContext, t.program('on_kprobe'), { symbol })
      try {
        attach(part.name).close()
      } catch (error) {
        if (error instanceof BpfError && error.hint?.includes(findPart(t))) return attach(findPart(t))
        throw error
      }
      throw new Error('a part was taken for the whole')
    },
    stimulate: part.stimulate,
  }),
  ...(['multi link', undefined, 'tracefs event'] as const).flatMap(via => [onOtherNames(via), onNamesakes(via)]),
]
