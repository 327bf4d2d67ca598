import { type Check, type CheckStatus, check } from './check'
import type { Machine } from './machine'

type Verdict = readonly [status: CheckStatus, found: string, remedy?: string]

interface SettingRule {
  /** As sysctl(8) calls it. */
  readonly name: string
  readonly value: (machine: Machine) => number | undefined
  /** What a value means; `ok` by itself for values that are not listed. */
  readonly meanings: Readonly<Record<number, Verdict>>
}

/** What administrators can set (Documentation/admin-guide/sysctl/kernel.rst and net.rst), value by value. */
const rules: readonly SettingRule[] = [
  {
    name: 'kernel.unprivileged_bpf_disabled',
    value: ({ settings }) => settings.unprivilegedBpfDisabled,
    meanings: {
      0: ['warning', 'every user may load some programs', 'sysctl kernel.unprivileged_bpf_disabled=2'],
      1: ['ok', 'only those with rights, until reboot'],
      2: ['ok', 'only those with rights'],
    },
  },
  {
    name: 'net.core.bpf_jit_enable',
    value: ({ settings }) => settings.jitEnable,
    meanings: {
      0: ['warning', 'programs are interpreted: slow, and no fentry, no kfuncs, no struct_ops', 'sysctl net.core.bpf_jit_enable=1'],
      1: ['ok', 'native code'],
      2: ['warning', 'native code, and a dump of it in the kernel log', 'sysctl net.core.bpf_jit_enable=1'],
    },
  },
  {
    name: 'net.core.bpf_jit_harden',
    value: ({ settings }) => settings.jitHarden,
    meanings: {
      0: ['ok', 'off'],
      1: ['ok', 'for programs of unprivileged users'],
      2: ['warning', 'for all programs: slower', 'sysctl net.core.bpf_jit_harden=1'],
    },
  },
  {
    name: 'net.core.bpf_jit_kallsyms',
    value: ({ settings }) => settings.jitKallsyms,
    meanings: {
      0: ['info', 'profilers cannot name programs', 'sysctl net.core.bpf_jit_kallsyms=1'],
      1: ['ok', 'profilers can name programs'],
    },
  },
  {
    name: 'kernel.kptr_restrict',
    value: ({ settings }) => settings.kptrRestrict,
    meanings: {
      0: ['ok', 'kernel addresses are shown to those with CAP_SYSLOG'],
      1: ['ok', 'kernel addresses are shown to those with CAP_SYSLOG'],
      2: [
        'warning',
        'kernel addresses are hidden from everybody: no kernel symbols, no symbolised stacks',
        'sysctl kernel.kptr_restrict=1',
      ],
    },
  },
  {
    name: 'kernel.bpf_stats_enabled',
    value: ({ settings }) => settings.statsEnabled,
    meanings: {
      0: ['ok', 'programs are not timed; bpf top does so while it runs'],
      1: ['info', 'every run of every program is timed, some 20 ns each', 'sysctl kernel.bpf_stats_enabled=0'],
    },
  },
]

export function settingChecks(machine: Machine): Check[] {
  return [
    ...rules.map(rule => settingCheck(rule, machine)),
    jitLimitCheck(machine),
    paranoidCheck(machine),
    lockdownCheck(machine),
    modulesCheck(machine),
  ]
}

function settingCheck({ name, value, meanings }: SettingRule, machine: Machine): Check {
  const found = value(machine)
  if (found === undefined) return check(name, 'info', 'not to be read by this user, or not in this kernel')
  const [status, meaning, remedy] = meanings[found] ?? ['info', 'unknown value']
  return check(name, status, `${found}: ${meaning}`, remedy ?? null)
}

function jitLimitCheck({ settings: { jitLimit } }: Machine): Check {
  const name = 'net.core.bpf_jit_limit'
  return check(
    name,
    'info',
    jitLimit === undefined ? 'not to be read by this user, or not in this kernel' : `${jitLimit >> 20} MiB of native code`,
  )
}

function paranoidCheck({ settings: { perfEventParanoid: level }, rights }: Machine): Check {
  const name = 'kernel.perf_event_paranoid'
  if (level === undefined) return check(name, 'warning', 'this kernel has no perf events', 'kprobes and sampling need CONFIG_PERF_EVENTS=y')
  // Above 2 is an addition of Debian's and Ubuntu's.
  const exempt = level > 2 ? 'CAP_SYS_ADMIN' : 'CAP_PERFMON'
  if (rights.capabilities.includes(exempt) || level < 2) return check(name, 'ok', `${level}: does not bind this process`)
  return check(name, 'warning', `${level}: no kernel events without ${exempt}`, 'run as root, or sysctl kernel.perf_event_paranoid=1')
}

function lockdownCheck({ settings: { lockdown } }: Machine): Check {
  if (lockdown === undefined) return check('lockdown', 'info', 'none, or securityfs is not mounted')
  if (lockdown !== 'confidentiality') return check('lockdown', 'ok', lockdown)
  return check('lockdown', 'warning', 'confidentiality: programs may not read kernel memory', 'boot with lockdown=integrity, or without')
}

function modulesCheck({ settings: { securityModules } }: Machine): Check {
  if (securityModules.length === 0) return check('security modules', 'info', 'not to be told: securityfs is not mounted')
  if (securityModules.includes('bpf')) return check('security modules', 'ok', securityModules.join(', '))
  return check('security modules', 'info', `${securityModules.join(', ')}: LSM programs attach, but never run`, 'boot with lsm=…,bpf')
}
