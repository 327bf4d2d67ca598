import type { Machine } from '../doctor/machine'

/** Nothing is wrong with it. */
export const goodMachine: Machine = {
  release: '6.12.0',
  rights: { capabilities: ['CAP_BPF', 'CAP_PERFMON'], missing: [], userNamespace: false, seccompFilter: false, obstacles: [] },
  settings: {
    unprivilegedBpfDisabled: 2,
    jitEnable: 1,
    jitHarden: 0,
    jitKallsyms: 1,
    jitLimit: 1 << 28,
    kptrRestrict: 1,
    perfEventParanoid: 2,
    statsEnabled: 0,
    lockdown: 'none',
    securityModules: ['capability', 'bpf'],
  },
  mounts: [
    { path: '/sys/fs/bpf', type: 'bpf', root: '/', options: 'rw' },
    { path: '/sys/fs/cgroup', type: 'cgroup2', root: '/', options: 'rw' },
  ],
  tracefs: '/sys/kernel/tracing',
  btf: { path: '/sys/kernel/btf/vmlinux', types: 130_000 },
  modulesWithBtf: 40,
  kconfigSource: '/boot/config-6.12.0',
  trial: { map: true, program: true },
  memcgAccounting: true,
  memlock: { soft: 8n << 20n, hard: 8n << 20n },
  token: true,
  leftovers: [],
}

/** Everything that can be missing is missing. */
export const badMachine: Machine = {
  ...goodMachine,
  rights: { ...goodMachine.rights, missing: ['CAP_BPF'], capabilities: [], userNamespace: true, seccompFilter: true },
  settings: {
    ...goodMachine.settings,
    unprivilegedBpfDisabled: 0,
    jitEnable: 2,
    jitHarden: 2,
    kptrRestrict: 2,
    lockdown: 'confidentiality',
  },
  mounts: [],
  tracefs: undefined,
  btf: 'none',
  kconfigSource: undefined,
  trial: { map: undefined, program: false },
  memcgAccounting: false,
}
