import { UsageError } from '@bpf/terminal'
import { isNumberKey, isStatisticsKey, type NumberKey, numberKeys, type ProgramStatistics, textKeys } from './statistics'

/** One program then and now. */
export interface Comparison {
  readonly kernel: string
  readonly object: string
  readonly program: string
  readonly before: ProgramStatistics | undefined
  readonly after: ProgramStatistics | undefined
}

const identity = ({ kernel, object, program }: ProgramStatistics) => [kernel, object, program].join('\0')

/** Pairs by kernel, object and program; what is only on one side has no partner. */
export function compareStatistics(before: readonly ProgramStatistics[], after: readonly ProgramStatistics[]): Comparison[] {
  const old = new Map(before.map(statistics => [identity(statistics), statistics]))
  const now = new Map(after.map(statistics => [identity(statistics), statistics]))
  const gone = before.filter(statistics => !now.has(identity(statistics)))
  return [...after, ...gone].map(({ kernel, object, program, ...rest }) => {
    const id = identity({ kernel, object, program, ...rest })
    return { kernel, object, program, before: old.get(id), after: now.get(id) }
  })
}

/** What a baseline says of the objects and kernels that are looked at now; it may be of many more. */
export function ofSameObjects(baseline: readonly ProgramStatistics[], measured: readonly ProgramStatistics[]): ProgramStatistics[] {
  const place = ({ kernel, object }: ProgramStatistics) => `${kernel} ${object}`
  const asked = new Set(measured.map(place))
  return baseline.filter(one => asked.has(place(one)))
}

/** How much a number may grow before it counts as a regression. */
export interface Threshold {
  readonly key: NumberKey
  readonly percent: number
}

/** `insns=10`, `states=25%`. @throws UsageError */
export function parseThreshold(text: string): Threshold {
  const [, key = '', percent = ''] = /^(\w+)=(\d+(?:\.\d+)?)%?$/.exec(text) ?? []
  if (!isNumberKey(key)) throw new UsageError(`--max-growth ${text}: expected KEY=PERCENT`, `KEY is one of ${numberKeys.join(', ')}`)
  return { key, percent: Number(percent) }
}

/** What got worse: a program that is rejected now, and numbers beyond their threshold. */
export function regressions(comparisons: readonly Comparison[], thresholds: readonly Threshold[]): string[] {
  return comparisons.flatMap(({ kernel, object, program, before, after }) => {
    if (before === undefined || after === undefined) return []
    const where = `${kernel} ${object} ${program}`
    if (before.verdict === 'success' && after.verdict === 'failure') return [`${where}: is rejected now: ${after.reason ?? ''}`]
    return thresholds
      .filter(({ key, percent }) => growth(before[key], after[key]) > percent)
      .map(({ key, percent }) => `${where}: ${key} ${before[key]} → ${after[key]}, allowed are ${percent} % more`)
  })
}

/** Percent; anything is infinitely more than nothing. */
export function growth(before: number, after: number): number {
  if (before === after) return 0
  return before === 0 ? Number.POSITIVE_INFINITY : ((after - before) / before) * 100
}

/** Reads what `--json` printed. @throws UsageError naming the file */
export function parseBaseline(text: string, path: string): ProgramStatistics[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    throw new UsageError(`${path} is not JSON`, 'a baseline is what bpf-test veristat --json printed')
  }
  if (!Array.isArray(parsed) || !parsed.every(isStatistics)) {
    throw new UsageError(`${path} holds no statistics`, 'a baseline is what bpf-test veristat --json printed')
  }
  return parsed
}

function isStatistics(value: unknown): value is ProgramStatistics {
  if (typeof value !== 'object' || value === null) return false
  const fields = Object.entries(value).filter(([key]) => isStatisticsKey(key))
  return (
    fields.length === textKeys.length + numberKeys.length &&
    fields.every(([key, field]) => typeof field === (isNumberKey(key) ? 'number' : 'string'))
  )
}
