import { describe, expect, it } from 'vitest'
import { isReady } from './check'
import { machineChecks } from './checks'
import type { Machine } from './machine'
import { platformChecks } from './program'

const good: Machine = {
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

/** Lines that are neither fine nor mere information, as `STATUS NAME`. */
function complaints(change: Partial<Machine>): string[] {
  const checks = machineChecks({ ...good, ...change }).flatMap(group => group.checks)
  return checks.filter(({ status }) => status === 'warning' || status === 'problem').map(({ status, name }) => `${status} ${name}`)
}

describe('the checks of bpf doctor', () => {
  it('have nothing against a good machine', () => {
    expect(complaints({})).toEqual([])
  })

  it.each<[string, Partial<Machine>, string[]]>([
    ['no rights', { rights: { ...good.rights, missing: ['CAP_BPF', 'CAP_SYS_ADMIN'] } }, ['problem capabilities']],
    ['no right to look', { rights: { ...good.rights, missing: ['CAP_SYS_ADMIN'] } }, ['warning capabilities']],
    [
      'a container',
      { rights: { ...good.rights, userNamespace: true, seccompFilter: true } },
      ['warning user namespace', 'warning seccomp'],
    ],
    ['a kernel without bpf(2)', { trial: { map: false, program: false } }, ['problem maps', 'problem programs']],
    ['a kernel without BTF', { btf: 'none' }, ['warning BTF of the kernel']],
    ['an interpreter', { settings: { ...good.settings, jitEnable: 0 } }, ['warning net.core.bpf_jit_enable']],
    ['hidden addresses', { settings: { ...good.settings, kptrRestrict: 2 } }, ['warning kernel.kptr_restrict']],
    ['lockdown', { settings: { ...good.settings, lockdown: 'confidentiality' } }, ['warning lockdown']],
    ['nothing mounted', { mounts: [], tracefs: undefined }, ['warning bpf (bpffs)', 'warning tracefs', 'warning cgroup2']],
    ['an old kernel with little memory to lock', { memcgAccounting: false }, ['warning locked memory']],
    ['a killed process', { leftovers: [{ kind: 'xdp', description: 'program "drop"', remove: () => {} }] }, ['warning xdp']],
  ])('tell of %s', (_, change, expected) => {
    expect(complaints(change)).toEqual(expected)
  })

  it('give a remedy with every complaint', () => {
    const bad: Machine = {
      ...good,
      rights: { ...good.rights, missing: ['CAP_BPF'], capabilities: [], userNamespace: true, seccompFilter: true },
      settings: { ...good.settings, unprivilegedBpfDisabled: 0, jitEnable: 2, jitHarden: 2, kptrRestrict: 2, lockdown: 'confidentiality' },
      mounts: [],
      tracefs: undefined,
      btf: 'none',
      kconfigSource: undefined,
      trial: { map: undefined, program: false },
      memcgAccounting: false,
    }
    const checks = machineChecks(bad).flatMap(group => group.checks)
    expect(checks.filter(({ status, remedy }) => ['warning', 'problem'].includes(status) && remedy === null)).toEqual([])
    expect(isReady(machineChecks(bad))).toBe(false)
  })

  it('say why the native module did not load', () => {
    const { checks } = platformChecks("Cannot find package 'koffi'")
    expect(checks.at(-1)).toMatchObject({ name: 'native module', status: 'problem', found: "Cannot find package 'koffi'" })
  })
})
