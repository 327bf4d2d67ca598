import type { Files } from './files'

/** What an administrator can set that changes what BPF may do. Undefined where the kernel has no such setting. */
export interface Settings {
  /** kernel.unprivileged_bpf_disabled: 0 everybody may, 1 root only for good, 2 root only. */
  readonly unprivilegedBpfDisabled: number | undefined
  /** net.core.bpf_jit_enable: 0 interpreter, 1 native code, 2 native code and a log of it. */
  readonly jitEnable: number | undefined
  /** net.core.bpf_jit_harden: 0 off, 1 for unprivileged programs, 2 for all. */
  readonly jitHarden: number | undefined
  /** net.core.bpf_jit_kallsyms: programs are in /proc/kallsyms. */
  readonly jitKallsyms: number | undefined
  /** net.core.bpf_jit_limit: bytes of native code for unprivileged users. */
  readonly jitLimit: number | undefined
  /** kernel.kptr_restrict: 0 addresses are shown to those with CAP_SYSLOG, 2 to nobody. */
  readonly kptrRestrict: number | undefined
  /** kernel.perf_event_paranoid: who may use perf events without CAP_PERFMON. */
  readonly perfEventParanoid: number | undefined
  /** kernel.bpf_stats_enabled. */
  readonly statsEnabled: number | undefined
  /** `none`, `integrity` or `confidentiality`. */
  readonly lockdown: string | undefined
  /** Security modules in use: `lockdown,capability,bpf`. */
  readonly securityModules: readonly string[]
}

const sysctls = {
  unprivilegedBpfDisabled: 'kernel/unprivileged_bpf_disabled',
  jitEnable: 'net/core/bpf_jit_enable',
  jitHarden: 'net/core/bpf_jit_harden',
  jitKallsyms: 'net/core/bpf_jit_kallsyms',
  jitLimit: 'net/core/bpf_jit_limit',
  kptrRestrict: 'kernel/kptr_restrict',
  perfEventParanoid: 'kernel/perf_event_paranoid',
  statsEnabled: 'kernel/bpf_stats_enabled',
} as const

export function readSettings(files: Files): Settings {
  const numbers = Object.fromEntries(
    Object.entries(sysctls).map(([name, path]) => [name, numberIn(files.text(`/proc/sys/${path}`))]),
  ) as Record<keyof typeof sysctls, number | undefined>
  return {
    ...numbers,
    lockdown: /\[(\w+)\]/.exec(files.text('/sys/kernel/security/lockdown') ?? '')?.[1],
    securityModules: (files.text('/sys/kernel/security/lsm') ?? '').trim().split(',').filter(Boolean),
  }
}

function numberIn(text: string | undefined): number | undefined {
  return text === undefined || !/^-?\d+\s*$/.test(text) ? undefined : Number(text)
}
