import { readFileSync } from 'node:fs'
import { BpfError } from '@bpf/bytes'
import { ExitCode, type Io, roomOf, toJson } from '@bpf/terminal'
import { createReporter } from '../report/reporters'
import type { Result } from '../results'
import { type RunOptions, runAll } from '../run/run-all'
import { untilStopped } from '../run/stop'
import { compareStatistics, ofSameObjects, parseBaseline, parseThreshold, regressions, type Threshold } from './baseline'
import { type Filter, parseFilter, parseOrder, sortBy } from './select'
import type { Measurement, ProgramStatistics } from './statistics'
import { comparisonTable, statisticsTable } from './table'

export interface VeristatOptions {
  readonly sort: string | undefined
  readonly filter: readonly string[]
  readonly baseline: string | undefined
  readonly 'max-growth': readonly string[]
  readonly json: boolean
}

/** Where to measure. */
export type Kernels = Omit<RunOptions, 'sources' | 'only' | 'signal' | 'onEvent'>

const defaultThresholds: readonly Threshold[] = [
  { key: 'insns', percent: 10 },
  { key: 'states', percent: 10 },
]

/** Measures the objects on each kernel; with a baseline, compares, and fails on a regression. */
export function runVeristat(paths: readonly string[], kernels: Kernels, options: VeristatOptions, io: Io): Promise<number> {
  return untilStopped(io, signal => measureAndCompare(paths, { ...kernels, signal }, options, io))
}

type Where = Kernels & Pick<RunOptions, 'signal'>

async function measureAndCompare(paths: readonly string[], where: Where, options: VeristatOptions, io: Io): Promise<number> {
  const order = parseOrder(options.sort ?? 'kernel,object,program')
  const filters = options.filter.map(parseFilter)
  const thresholds = options['max-growth'].length > 0 ? options['max-growth'].map(parseThreshold) : defaultThresholds
  const baseline = options.baseline === undefined ? undefined : parseBaseline(readText(io.resolvePath(options.baseline)), options.baseline)
  const { measured, failed } = await measureAll(paths, where, io)
  const chosen = sortBy(select(measured, filters), order)
  if (options.json) io.out(toJson(chosen))
  else if (baseline === undefined) for (const line of statisticsTable(chosen, io.style, roomOf(io))) io.out(line)
  const before = baseline && select(ofSameObjects(baseline, measured), filters)
  const worse = before === undefined ? 0 : compare(before, chosen, thresholds, options.json, io)
  return worse > 0 || failed ? ExitCode.Failed : ExitCode.Ok
}

/** Objects that cannot be loaded at all are told, and the others are measured. */
async function measureAll(paths: readonly string[], where: Where, io: Io) {
  const progress = await createReporter('matrix', io)
  const sources = paths.map(path => ({ kind: 'statistics', path: io.resolvePath(path) }) as const)
  const report = await runAll({ ...where, sources, only: [], onEvent: progress.event }).finally(progress.stop)
  const failures = report.results.filter(({ status }) => status === 'fail')
  for (const { kernel, scenario, reason = '' } of failures)
    io.note(`${io.style('yellow', '!')} ${kernel} ${scenario}: ${reason.split('\n')[0]}`)
  for (const { name, error } of report.kernels) if (error !== undefined) io.note(`${io.style('red', '✗')} ${name}: ${error}`)
  const failed = failures.length > 0 || report.kernels.some(({ error }) => error !== undefined)
  return { measured: report.results.flatMap(measurementsOf), failed }
}

/** They come from our own runner. */
function measurementsOf({ kernel, data }: Result): ProgramStatistics[] {
  return ((data ?? []) as Measurement[]).map(measurement => ({ kernel, ...measurement }))
}

function select(statistics: readonly ProgramStatistics[], filters: readonly Filter[]): ProgramStatistics[] {
  return statistics.filter(one => filters.every(accepts => accepts(one)))
}

/** Returns how many regressions there are. */
function compare(
  before: readonly ProgramStatistics[],
  after: readonly ProgramStatistics[],
  thresholds: readonly Threshold[],
  json: boolean,
  io: Io,
): number {
  const comparisons = compareStatistics(before, after)
  if (!json) for (const line of comparisonTable(comparisons, roomOf(io))) io.out(line)
  const worse = regressions(comparisons, thresholds)
  for (const line of worse) io.note(`${io.style('red', '✗')} ${line}`)
  return worse.length
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new BpfError('ERR_BPF_FILE', `${path} cannot be read`, { cause })
  }
}
