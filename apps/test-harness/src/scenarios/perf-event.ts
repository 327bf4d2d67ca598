import { attachPerfEvent, type Link, type LinkInterface, type PerfEventTarget } from '@bpf/attach'
import { BpfError } from '@bpf/bytes'
import type { FeatureName } from '../scenario/features'
import type { Scenario, ScenarioContext } from '../scenario/types'
import { onHook } from './every-hook'

function beBusy(): void {
  const end = Date.now() + 100
  while (Date.now() < end);
}

/** More than the 32 MiB that malloc may hand out again: always pages that the process never had. */
function touchNewMemory(): void {
  new Uint8Array(40 << 20).fill(1, 0, 4 << 20)
}

const watched = new Uint8Array(64)

const events: readonly (readonly [name: string, PerfEventTarget, () => void])[] = [
  ['clock of a process', { event: 'task-clock', pid: 0, period: 1_000_000 }, beBusy],
  ['page faults of a process', { event: 'page-faults', pid: 0 }, touchNewMemory],
]
const ways: readonly (readonly [LinkInterface, FeatureName[]])[] = [
  ['bpf link', ['perf link']],
  ['perf_event ioctl', []],
]

/** 8 bytes, aligned, of which the processor watches one. */
const breakpointAt = (t: ScenarioContext): PerfEventTarget => ({
  event: `mem:0x${t.attachContext.sys.native.address(watched).toString(16)}/1:w`,
  pid: 0,
})

const writeThere = () => void watched.fill(2)

/** What a target may say besides the event. */
const more: readonly (readonly [name: string, (t: ScenarioContext) => PerfEventTarget, () => void])[] = [
  ['clock on every CPU, by frequency', () => ({ event: 'cpu-clock', frequency: 999 }), beBusy],
  ['clock on one CPU', () => ({ event: 'cpu-clock', frequency: 999, cpu: 0 }), beBusy],
  ['breakpoint on memory', breakpointAt, writeThere],
]

const moreScenarios = more.map(([name, target, stimulate]) =>
  onHook('on_perf_event', {
    name,
    family: 'perf_event',
    requires: { features: ['perf event'] },
    attach: t => attachPerfEvent(t.attachContext, t.program('on_perf_event'), target(t)),
    stimulate,
  }),
)

/** Cycles, or what the refusal says to use where the machine has no counters for them. */
function attachCycles(t: ScenarioContext): Link {
  const attach = (event: string) => attachPerfEvent(t.attachContext, t.program('on_perf_event'), { event, pid: 0, frequency: 999 })
  try {
    return attach('cycles')
  } catch (error) {
    const [, clock] = /(cpu-clock)/.exec(error instanceof BpfError ? (error.hint ?? '') : '') ?? []
    if (clock !== undefined && String(error).includes('no hardware counters')) return attach(clock)
    throw error
  }
}

const everyWay = events.flatMap(([name, target, stimulate]) => {
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

export const perfEventScenarios: readonly Scenario[] = [
  ...everyWay,
  ...moreScenarios,
  onHook('on_perf_event', {
    name: 'cycles, or the clock that stands in',
    family: 'perf_event',
    requires: { features: ['perf event'] },
    attach: attachCycles,
    stimulate: beBusy,
  }),
]
