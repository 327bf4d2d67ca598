import stringWidth from 'string-width'
import { fitColumns, gap } from './fit'
import { type Keep, shorten } from './shorten'

/** A column, and how it gives way on a narrow terminal. Numbers are always whole. */
export interface Column {
  readonly title: string
  /** What of a cell stays; its start unless given. */
  readonly keep?: Keep | 'all'
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
  return [header, ...rows.map(row => formatRow(row, layout))]
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
  const right = columns.map(({ keep }, column) => keep !== 'items' && rows.length > 0 && (cells[column] ?? []).every(isNumeric))
  return { columns, right, widths: fitLayout({ columns, widths, right }, room) }
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
      const cell = keep === 'all' || right[column] ? (cells[column] ?? '') : shorten(cells[column] ?? '', width, keep)
      const padding = ' '.repeat(Math.max(0, width - stringWidth(cell)))
      return [right[column] ? padding + cell : cell + padding]
    })
    .join(' '.repeat(gap))
    .trimEnd()
}

export function isNumeric(cell: string): boolean {
  return /^-?[\d.,:]+(?:\/s| [nµm]?s)?$/.test(cell) || cell === '-' || cell === ''
}
