import type { Io } from '@bpf/terminal'
import { type ListColumn, printTable } from '../objects/print'
import type { MetricResult, ProfileDocument } from './document'

/** A line a metric: in all, a run, and what it says beside another. */
export function printProfile({ id, name, seconds, metrics }: ProfileDocument, io: Io): void {
  io.out(`${io.style('bold', `program ${id} ${name}`)}  ${io.style('dim', `${seconds.toFixed(1)} s`)}`)
  const columns: readonly ListColumn<MetricResult>[] = [
    { title: 'METRIC', keep: 'all', cell: ({ metric }) => metric },
    { title: 'IN ALL', keep: 'all', cell: inAll },
    { title: 'A RUN', keep: 'all', cell: eachRun },
    { title: 'RATIO', cell: result => ratio(result, metrics) },
    { title: 'COUNTED', keep: 'all', cell: counted },
  ]
  printTable(columns, metrics, io)
  for (const { missing } of metrics) if (missing !== null) io.note(io.style('yellow', missing))
}

function inAll({ metric, value }: MetricResult): string {
  if (value === null) return 'missing'
  return metric === 'time' ? `${value} ns` : String(value)
}

function eachRun({ metric, value, runs }: MetricResult): string {
  if (value === null || runs === 0n || metric === 'runs') return ''
  const amount = (Number(value) / Number(runs)).toFixed(1)
  return metric === 'time' ? `${amount} ns` : amount
}

/** What bpftool sets beside each other: how much of the first comes on how much of the second. */
const ratios: Readonly<Record<string, { readonly of: string; readonly times: number; readonly text: string }>> = {
  instructions: { of: 'cycles', times: 1, text: 'per cycle' },
  llc_misses: { of: 'instructions', times: 1e6, text: 'per million instructions' },
  itlb_misses: { of: 'instructions', times: 1e6, text: 'per million instructions' },
  dtlb_misses: { of: 'instructions', times: 1e6, text: 'per million instructions' },
}

function ratio({ metric, value }: MetricResult, all: readonly MetricResult[]): string {
  const known = ratios[metric]
  const other = known && all.find(each => each.metric === known.of)?.value
  return known && other && value !== null ? `${((Number(value) * known.times) / Number(other)).toFixed(2)} ${known.text}` : ''
}

/** Where counters take turns, each counts a part of the time only. */
function counted({ enabled, running }: MetricResult): string {
  return enabled && running !== null ? `${((Number(running) * 100) / Number(enabled)).toFixed(1)}%` : ''
}
