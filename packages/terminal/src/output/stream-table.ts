import stringWidth from 'fast-string-width'
import { type Column, fitLayout, formatRow, isNumeric } from './table'
import { flatten, formatField } from './value'

/**
 * Records as table rows while they arrive. Column widths start from the first record and only grow, as far as there is room; the
 * header is printed before the first row, and again when the columns change.
 */
export class StreamTable {
  #columns: readonly Column[] = []
  /** As the cells want them; those that fit are worked out row by row. */
  #widths: number[] = []
  #right: boolean[] = []
  readonly #print: (line: string) => void
  readonly #styleHeader: (line: string) => string
  readonly #room: () => number

  constructor(options: {
    readonly print: (line: string) => void
    readonly styleHeader: (line: string) => string
    /** Columns of the terminal. Without it lines are as long as they get. */
    readonly room?: () => number
  }) {
    this.#print = options.print
    this.#styleHeader = options.styleHeader
    this.#room = options.room ?? (() => Number.POSITIVE_INFINITY)
  }

  row(record: unknown): void {
    const fields = flatten(record).map(([name, value]) => formatField(name, value))
    const titles = fields.map(field => field.title.toUpperCase())
    const cells = fields.map(field => field.cell)
    const changed = titles.length !== this.#columns.length || titles.some((title, i) => title !== this.#columns[i]?.title)
    if (changed) this.#start(titles)
    this.#widths = this.#widths.map((width, i) => Math.max(width, stringWidth(cells[i] ?? '')))
    this.#right = this.#right.map((right, i) => right && isNumeric(cells[i] ?? ''))
    if (changed) this.#print(this.#styleHeader(this.#format(titles)))
    this.#print(this.#format(cells))
  }

  #start(titles: readonly string[]): void {
    this.#columns = titles.map(title => ({ title }))
    this.#widths = titles.map(title => stringWidth(title))
    this.#right = titles.map(() => true)
  }

  #format(cells: readonly string[]): string {
    const wanted = { columns: this.#columns, widths: this.#widths, right: this.#right }
    return formatRow(cells, { ...wanted, widths: fitLayout(wanted, this.#room()) })
  }
}
