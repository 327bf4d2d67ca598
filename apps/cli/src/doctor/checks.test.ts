import { describe, expect, it } from 'vitest'
import { badMachine, goodMachine } from '../testing/machines'
import { isReady } from './check'
import { machineChecks } from './checks'
import type { Machine } from './machine'
import { platformChecks } from './program'

/** Lines that are neither fine nor mere information, as `STATUS NAME`. */
function complaints(change: Partial<Machine>): string[] {
  const checks = machineChecks({ ...goodMachine, ...change }).flatMap(group => group.checks)
  return checks.filter(({ status }) => status === 'warning' || status === 'problem').map(({ status, name }) => `${status} ${name}`)
}

describe('the checks of bpf doctor', () => {
  it('have nothing against a good machine', () => {
    expect(complaints({})).toEqual([])
  })

  it.each<[string, Partial<Machine>, string[]]>([
    ['no rights', { rights: { ...goodMachine.rights, missing: ['CAP_BPF', 'CAP_SYS_ADMIN'] } }, ['problem capabilities']],
    ['no right to look', { rights: { ...goodMachine.rights, missing: ['CAP_SYS_ADMIN'] } }, ['warning capabilities']],
    [
      'a container',
      { rights: { ...goodMachine.rights, userNamespace: true, seccompFilter: true } },
      ['warning user namespace', 'warning seccomp'],
    ],
    ['a kernel without bpf(2)', { trial: { map: false, program: false } }, ['problem maps', 'problem programs']],
    ['a kernel without BTF', { btf: 'none' }, ['warning BTF of the kernel']],
    ['an interpreter', { settings: { ...goodMachine.settings, jitEnable: 0 } }, ['warning net.core.bpf_jit_enable']],
    ['hidden addresses', { settings: { ...goodMachine.settings, kptrRestrict: 2 } }, ['warning kernel.kptr_restrict']],
    [
      'a distribution that leaves perf events to CAP_SYS_ADMIN',
      {
        settings: { ...goodMachine.settings, perfEventParanoid: 3 },
        rights: { ...goodMachine.rights, capabilities: ['CAP_BPF', 'CAP_PERFMON'] },
      },
      ['warning kernel.perf_event_paranoid'],
    ],
    ['lockdown', { settings: { ...goodMachine.settings, lockdown: 'confidentiality' } }, ['warning lockdown']],
    ['nothing mounted', { mounts: [], tracefs: undefined }, ['warning bpf (bpffs)', 'warning tracefs', 'warning cgroup2']],
    ['an old kernel with little memory to lock', { memcgAccounting: false }, ['warning locked memory']],
    ['a killed process', { leftovers: [{ kind: 'xdp', description: 'program "drop"', remove: () => {} }] }, ['warning xdp']],
  ])('tell of %s', (_, change, expected) => {
    expect(complaints(change)).toEqual(expected)
  })

  it('give a remedy with every complaint', () => {
    const checks = machineChecks(badMachine).flatMap(group => group.checks)
    expect(checks.filter(({ status, remedy }) => ['warning', 'problem'].includes(status) && remedy === null)).toEqual([])
    expect(isReady(machineChecks(badMachine))).toBe(false)
  })

  it('say why the native module did not load', () => {
    const { checks } = platformChecks("Cannot find package 'koffi'")
    expect(checks.at(-1)).toMatchObject({ name: 'native module', status: 'problem', found: "Cannot find package 'koffi'" })
  })
})
