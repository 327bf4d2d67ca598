import { readFileSync } from 'node:fs'
import { attachCgroup, attachTracing, type LinkInterface } from '@bpf/attach'
import { TestSocket } from '@bpf/attach/testing'
import { SocketFamily } from '@bpf/sys'
import type { FeatureName } from '../scenario/features'
import type { Scenario } from '../scenario/types'
import { onHook, prepared } from './every-hook'

const openAFile = () => void readFileSync('/proc/self/comm')

const kinds: readonly (readonly [name: string, program: string, FeatureName])[] = [
  ['tp_btf', 'on_tp_btf', 'tp_btf'],
  ['fentry', 'on_fentry', 'fentry'],
  ['fexit', 'on_fexit', 'fentry'],
  ['fmod_ret', 'on_fmod_ret', 'fmod_ret'],
  ['fsession', 'on_fsession', 'fsession'],
  ['lsm', 'on_lsm', 'lsm'],
  ['lsm.s', 'on_lsm_sleepable', 'lsm sleepable'],
]
const ways: readonly (readonly [LinkInterface, FeatureName[]])[] = [
  ['bpf link', ['tracing link']],
  ['raw_tracepoint_open', []],
]

const group = prepared(t => t.cgroup())

export const tracingScenarios: readonly Scenario[] = [
  ...kinds.flatMap(([name, program, feature]) => [
    onHook(program, { name, family: name.split('.')[0] ?? name, requires: { features: [feature] }, stimulate: openAFile }),
    // Session programs are younger than links.
    ...(name === 'fsession' ? [] : ways).map(([via, features]) =>
      onHook(program, {
        name: `${name} by ${via}`,
        family: name.split('.')[0] ?? name,
        requires: { features: [feature, ...features] },
        attach: t => attachTracing(t.attachContext, t.program(program), { interfaces: [via] }),
        stimulate: openAFile,
      }),
    ),
  ]),
  onHook('on_lsm_cgroup', {
    name: 'lsm_cgroup',
    family: 'lsm_cgroup',
    requires: { features: ['lsm cgroup'] },
    prepare: group.prepare,
    attach: t => attachCgroup(t.attachContext, t.program('on_lsm_cgroup'), { cgroup: group.of(t).path }),
    stimulate: t => group.of(t).inside(() => new TestSocket(t.attachContext.sys, SocketFamily.Inet, 2).close()),
  }),
]
