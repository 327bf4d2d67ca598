import { type ListColumn, nothing, tableLines } from '../objects/print'
import type { TopRow } from './activity'

const columns: readonly ListColumn<TopRow>[] = [
  { title: 'ID', cell: ({ id }) => String(id) },
  { title: 'TYPE', cell: ({ type }) => type },
  { title: 'NAME', cell: ({ name }) => name || nothing },
  { title: 'CPU %', cell: ({ cpu }) => cpu.toFixed(2) },
  { title: 'RUNS/S', cell: ({ runsPerSecond }) => runsPerSecond.toFixed(0) },
  { title: 'NS/RUN', cell: ({ averageNs }) => averageNs.toFixed(0) },
  { title: 'MISSED', cell: ({ missed }) => String(missed) },
  { title: 'HISTORY', keep: 'end', optional: true, cell: ({ history }) => sparkline(history) },
]

/** What programs cost as lines of at most `room` columns. */
export function tableOf(rows: readonly TopRow[], room = Number.POSITIVE_INFINITY): string[] {
  return tableLines(columns, rows, room)
}

const bars = '▁▂▃▄▅▆▇█'

/** A graph of a line's height; the largest value fills it. */
export function sparkline(values: readonly number[]): string {
  const largest = Math.max(...values)
  return values.map(value => bars[largest > 0 ? Math.round((value / largest) * (bars.length - 1)) : 0]).join('')
}
