import stringWidth from 'fast-string-width'
import { fitColumns, gap } from './fit'
import { type Keep, shorten } from './shorten'
import { breakLong, wrapWords } from './wrap'

/** A column, and how it gives way on a narrow terminal. Numbers are always whole. */
export interface Column {
  readonly title: string
  /** What of a cell stays; its start unless given. `lines`: all of it, in the lines below where it has no room in one. */
  readonly keep?: Keep | 'all' | 'lines'
  /** Left out where there is no room; of several, the last first. */
  readonly optional?: boolean
}

/** Behind the titles: something is left out. */
const mark = `${' '.repeat(gap)}…`

/**
 * Rows under a header, columns as wide as their widest cell, numbers to the right. The last column is not padded. With a
 * `room`, no line is longer than that, as far as numbers allow.
 */
export function formatTable(
  columns: readonly (string | Column)[],
  rows: readonly (readonly string[])[],
  room = Number.POSITIVE_INFINITY,
): string[] {
  const layout = layOut(columns.map(asColumn), rows, room)
  const titles = layout.columns.map(({ title }) => title)
  const header = formatRow(titles, layout) + (layout.widths.includes(0) ? mark : '')
  return [header, ...rows.flatMap(row => linesOf(row, layout)).map(cells => formatRow(cells, layout))]
}

const asColumn = (column: string | Column): Column => (typeof column === 'string' ? { title: column } : column)

/** How rows of a table are set. */
export interface Layout {
  readonly columns: readonly Column[]
  /** 0: left out. */
  readonly widths: readonly number[]
  /** Numbers, and what is aligned like them. */
  readonly right: readonly boolean[]
}

function layOut(columns: readonly Column[], rows: readonly (readonly string[])[], room: number): Layout {
  const cells = columns.map((_, column) => rows.map(row => row[column] ?? ''))
  const widths = columns.map(({ title }, column) => Math.max(1, ...[title, ...(cells[column] ?? [])].map(cell => stringWidth(cell))))
  const right = columns.map(
    ({ keep }, column) => keep !== 'items' && keep !== 'lines' && rows.length > 0 && (cells[column] ?? []).every(isNumeric),
  )
  return { columns, right, widths: fitLayout({ columns, widths, right }, room) }
}

/** The cells of a row line by line: more than one where a cell goes on below. */
function linesOf(row: readonly string[], { columns, widths }: Layout): string[][] {
  const cells = columns.map(({ keep }, column) => {
    const [cell = '', width = 0] = [row[column], widths[column]]
    return keep === 'lines' && width > 0 ? wrapWords(breakLong(cell.split(' '), width), width) : [cell]
  })
  const height = Math.max(...cells.map(lines => lines.length))
  return Array.from({ length: height }, (_, line) => cells.map(lines => lines[line] ?? ''))
}

/** Widths that fit, from the widths that the cells have. */
export function fitLayout({ columns, widths, right }: Layout, room: number): readonly number[] {
  const fits = columns.map(({ keep, optional = false }, column) => ({
    width: widths[column] ?? 0,
    flexible: keep !== 'all' && !right[column],
    optional,
  }))
  const fitted = fitColumns(fits, room)
  return fitted.includes(0) ? fitColumns(fits, room - mark.length) : fitted
}

export function formatRow(cells: readonly string[], { columns, widths, right }: Layout): string {
  return columns
    .flatMap(({ keep = 'start' }, column) => {
      const width = widths[column] ?? 0
      if (width === 0) return []
      const cell =
        keep === 'all' || right[column] ? (cells[column] ?? '') : shorten(cells[column] ?? '', width, keep === 'lines' ? 'start' : keep)
      const padding = ' '.repeat(Math.max(0, width - stringWidth(cell)))
      return [right[column] ? padding + cell : cell + padding]
    })
    .join(' '.repeat(gap))
    .trimEnd()
}

export function isNumeric(cell: string): boolean {
  return /^-?[\d.,:]+(?:\/s| [nµm]?s)?$/.test(cell) || cell === '-' || cell === ''
}
