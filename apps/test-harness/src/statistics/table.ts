import { formatTable, type Io } from '@bpf/terminal'
import { type Comparison, growth } from './baseline'
import type { NumberKey, ProgramStatistics } from './statistics'

const shown: readonly (readonly [NumberKey, string])[] = [
  ['duration', 'µS'],
  ['insns', 'INSNS'],
  ['states', 'STATES'],
  ['peakStates', 'PEAK'],
  ['stack', 'STACK'],
  ['size', 'SIZE'],
  ['jited', 'JITED'],
]

/** A line a program; what was rejected says why below. */
export function statisticsTable(statistics: readonly ProgramStatistics[], style: Io['style'], room?: number): string[] {
  if (statistics.length === 0) return ['no programs']
  const header = ['KERNEL', 'OBJECT', 'PROGRAM', 'VERDICT', ...shown.map(([, title]) => title)]
  const rows = statistics.map(one => [
    one.kernel,
    one.object,
    one.program,
    style(one.verdict === 'success' ? 'green' : 'red', one.verdict),
    ...shown.map(([key]) => String(one[key])),
  ])
  const reasons = statistics.flatMap(({ kernel, object, program, reason }) =>
    reason === undefined ? [] : [`${style('red', '✗')} ${kernel} ${object} ${program}: ${reason.split('\n')[0]}`],
  )
  return [...formatTable(header, rows, room), ...(reasons.length > 0 ? ['', ...reasons] : [])]
}

const compared = ['insns', 'states', 'stack'] as const satisfies readonly NumberKey[]

/** Then, now, and the difference, for programs where anything changed. */
export function comparisonTable(comparisons: readonly Comparison[], room?: number): string[] {
  const changed = comparisons.filter(
    ({ before, after }) => before?.verdict !== after?.verdict || compared.some(key => before?.[key] !== after?.[key]),
  )
  if (changed.length === 0) return [`no differences in ${comparisons.length} program${comparisons.length === 1 ? '' : 's'}`]
  const header = ['KERNEL', 'OBJECT', 'PROGRAM', 'VERDICT', ...compared.map(key => key.toUpperCase())]
  const rows = changed.map(({ kernel, object, program, before, after }) => [
    kernel,
    object,
    program,
    before?.verdict === after?.verdict ? (after?.verdict ?? '') : `${before?.verdict ?? 'new'} → ${after?.verdict ?? 'gone'}`,
    ...compared.map(key => change(before?.[key], after?.[key])),
  ])
  return formatTable(header, rows, room)
}

/** `120 → 132 (+10.0 %)`. */
function change(before: number | undefined, after: number | undefined): string {
  if (before === undefined || after === undefined || before === after) return String(after ?? before ?? '')
  const percent = growth(before, after)
  const relative = Number.isFinite(percent) ? ` (${percent > 0 ? '+' : ''}${percent.toFixed(1)} %)` : ''
  return `${before} → ${after}${relative}`
}
