import { readFileSync } from 'node:fs'
import { attachCgroup, attachTracing, type LinkInterface } from '@bpf/attach'
import { kernelTypeId, TestSocket } from '@bpf/attach/testing'
import { AttachType, ProgType, SocketFamily } from '@bpf/sys'
import type { FeatureName } from '../scenario/features'
import type { Scenario } from '../scenario/types'
import { counting, onHook, prepared } from './every-hook'

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

/** Kernel functions that are called when a file is opened, for programs that are told which attachment called them. */
const withCookie = [
  ['fentry', ProgType.Tracing, AttachType.TraceFentry, 'do_sys_openat2'],
  ['fexit', ProgType.Tracing, AttachType.TraceFexit, 'do_sys_openat2'],
  ['fmod_ret', ProgType.Tracing, AttachType.ModifyReturn, 'security_file_open'],
  ['lsm', ProgType.Lsm, AttachType.LsmMac, 'bpf_lsm_file_open'],
] as const

const cookieScenarios = withCookie.map(
  ([family, type, expectedAttachType, target]): Scenario => ({
    name: `${family} with a cookie`,
    family,
    requires: { features: [family === 'fexit' ? 'fentry' : family, 'tracing link'] },
    check(t) {
      const attachBtfId = kernelTypeId(t.attachContext.kernel, target, 'func')
      const program = counting(t, { type, expectedAttachType, attachBtfId, target, cookie: true })
      const link = attachTracing(t.attachContext, program, { cookie: 7n })
      t.defer(() => link.close())
      openAFile()
      if (program.cookie() !== 7n) throw new Error(`the cookie is ${program.cookie()}, expected 7`)
    },
  }),
)

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
  ...cookieScenarios,
  onHook('on_lsm_cgroup', {
    name: 'lsm_cgroup',
    family: 'lsm_cgroup',
    requires: { features: ['lsm cgroup'] },
    prepare: group.prepare,
    attach: t => attachCgroup(t.attachContext, t.program('on_lsm_cgroup'), { cgroup: group.of(t).path }),
    stimulate: t => group.of(t).inside(() => new TestSocket(t.attachContext.sys, SocketFamily.Inet, 2).close()),
  }),
]
