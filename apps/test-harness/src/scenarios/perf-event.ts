import { attachPerfEvent, type LinkInterface, type PerfEventTarget } from '@bpf/attach'
import type { FeatureName } from '../scenario/features'
import type { Scenario } from '../scenario/types'
import { onHook } from './every-hook'

function beBusy(): void {
  const end = Date.now() + 100
  while (Date.now() < end);
}

function touchNewMemory(): void {
  new Uint8Array(16 << 20).fill(1)
}

const events: readonly (readonly [name: string, PerfEventTarget, () => void])[] = [
  ['clock of a process', { event: 'task-clock', pid: 0, period: 1_000_000 }, beBusy],
  ['page faults of a process', { event: 'page-faults', pid: 0 }, touchNewMemory],
]
const ways: readonly (readonly [LinkInterface, FeatureName[]])[] = [
  ['bpf link', ['perf link']],
  ['perf_event ioctl', []],
]

export const perfEventScenarios: readonly Scenario[] = events.flatMap(([name, target, stimulate]) => {
  const scenario = (title: string, features: readonly FeatureName[], interfaces?: readonly LinkInterface[]) =>
    onHook('on_perf_event', {
      name: title,
      family: 'perf_event',
      requires: { features: ['perf event', ...features] },
      attach: t => attachPerfEvent(t.attachContext, t.program('on_perf_event'), { ...target, ...(interfaces && { interfaces }) }),
      stimulate,
    })
  return [scenario(name, []), ...ways.map(([via, features]) => scenario(`${name} by ${via}`, features, [via]))]
})
