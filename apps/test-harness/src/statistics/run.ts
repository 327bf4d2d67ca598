import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { BpfError } from '@bpf/bytes'
import { createContext } from '@bpf/loader'
import { ExitCode, type Io, toJson } from '@bpf/terminal'
import { compareStatistics, parseBaseline, parseThreshold, regressions, type Threshold } from './baseline'
import { measureObject } from './measure'
import { type Filter, parseFilter, parseOrder, sortBy } from './select'
import type { ProgramStatistics } from './statistics'
import { comparisonTable, statisticsTable } from './table'

export interface VeristatOptions {
  readonly sort: string | undefined
  readonly filter: readonly string[]
  readonly baseline: string | undefined
  readonly 'max-growth': readonly string[]
  readonly json: boolean
}

const defaultThresholds: readonly Threshold[] = [
  { key: 'insns', percent: 10 },
  { key: 'states', percent: 10 },
]

/** Measures the objects on this kernel; with a baseline, compares, and fails on a regression. */
export function runVeristat(paths: readonly string[], options: VeristatOptions, io: Io): number {
  const order = parseOrder(options.sort ?? 'kernel,object,program')
  const filters = options.filter.map(parseFilter)
  const thresholds = options['max-growth'].length > 0 ? options['max-growth'].map(parseThreshold) : defaultThresholds
  const baseline = options.baseline === undefined ? undefined : parseBaseline(readText(io.resolvePath(options.baseline)), options.baseline)
  const measured = sortBy(select(measureAll(paths, io), filters), order)
  if (options.json) io.out(toJson(measured))
  if (baseline === undefined) {
    if (!options.json) for (const line of statisticsTable(measured, io.style)) io.out(line)
    return ExitCode.Ok
  }
  return compare(select(baseline, filters), measured, thresholds, options.json, io)
}

function measureAll(paths: readonly string[], io: Io): ProgramStatistics[] {
  const context = createContext()
  return paths.flatMap(path => {
    try {
      return measureObject(readFileSync(io.resolvePath(path)), path, 'host', context)
    } catch (error) {
      // One bad object among many is told, and the others are measured.
      if (paths.length === 1) throw error
      io.note(`${io.style('yellow', '!')} ${basename(path)}: ${error instanceof Error ? error.message : String(error)}`)
      return []
    }
  })
}

function select(statistics: readonly ProgramStatistics[], filters: readonly Filter[]): ProgramStatistics[] {
  return statistics.filter(one => filters.every(accepts => accepts(one)))
}

function compare(
  before: readonly ProgramStatistics[],
  after: readonly ProgramStatistics[],
  thresholds: readonly Threshold[],
  json: boolean,
  io: Io,
): number {
  const comparisons = compareStatistics(before, after)
  if (!json) for (const line of comparisonTable(comparisons)) io.out(line)
  const worse = regressions(comparisons, thresholds)
  for (const line of worse) io.note(`${io.style('red', '✗')} ${line}`)
  return worse.length > 0 ? ExitCode.Failed : ExitCode.Ok
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new BpfError('ERR_BPF_FILE', `${path} cannot be read`, { cause })
  }
}
