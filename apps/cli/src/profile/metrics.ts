import { parsePerfEvent, perfEventNames } from '@bpf/attach'
import { nearNames } from '@bpf/bytes'
import type { ProfileCounter } from '@bpf/loader'
import { UsageError } from '@bpf/terminal'

/** What can be said of a program's runs: `runs` and `time` by the kernel's own statistics, anything else by a perf event. */
export type Metric = { readonly kind: 'statistics'; readonly name: 'runs' | 'time' } | ({ readonly kind: 'counter' } & ProfileCounter)

/** What bpftool calls metrics, as perf(1) calls them. */
const bpftoolNames: Readonly<Record<string, string>> = {
  l1d_loads: 'L1-dcache-loads',
  llc_misses: 'LLC-load-misses',
  itlb_misses: 'iTLB-load-misses',
  dtlb_misses: 'dTLB-load-misses',
}

const statistics: Readonly<Record<string, 'runs' | 'time'>> = { runs: 'runs', run_cnt: 'runs', time: 'time' }

/** @throws UsageError with near names */
export function parseMetric(name: string): Metric {
  if (Object.hasOwn(statistics, name)) return { kind: 'statistics', name: statistics[name] ?? 'runs' }
  const event =
    parsePerfEvent(Object.hasOwn(bpftoolNames, name) ? (bpftoolNames[name] ?? name) : name.replaceAll('_', '-')) ?? parsePerfEvent(name)
  if (event !== undefined) return { kind: 'counter', name, event }
  const near = nearNames(name, [...Object.keys(statistics), ...Object.keys(bpftoolNames), ...perfEventNames])
  throw new UsageError(
    `${name}: there is no such metric`,
    near.length > 0
      ? `did you mean ${near.join(' or ')}?`
      : 'runs, time, cycles, instructions, l1d_loads, llc_misses, itlb_misses, dtlb_misses, or a name of perf list',
  )
}
