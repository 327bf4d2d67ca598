import stringWidth from 'string-width'
import { formatRow, isNumeric } from './table'
import { flatten, formatField } from './value'

/**
 * Records as table rows while they arrive. Column widths start from the first record and only grow; the header is
 * printed before the first row, and again when the columns change.
 */
export class StreamTable {
  #titles: readonly string[] = []
  #widths: number[] = []
  #right: boolean[] = []
  readonly #print: (line: string) => void
  readonly #styleHeader: (line: string) => string

  constructor(options: { readonly print: (line: string) => void; readonly styleHeader: (line: string) => string }) {
    this.#print = options.print
    this.#styleHeader = options.styleHeader
  }

  row(record: unknown): void {
    const fields = flatten(record).map(([name, value]) => formatField(name, value))
    const titles = fields.map(field => field.title)
    const cells = fields.map(field => field.cell)
    const changed = titles.length !== this.#titles.length || titles.some((title, i) => title !== this.#titles[i])
    if (changed) this.#start(titles, cells)
    this.#widths = this.#widths.map((width, i) => Math.max(width, stringWidth(cells[i] ?? '')))
    if (changed)
      this.#print(
        this.#styleHeader(
          formatRow(
            this.#titles.map(t => t.toUpperCase()),
            this.#widths,
            this.#right,
          ),
        ),
      )
    this.#print(formatRow(cells, this.#widths, this.#right))
  }

  #start(titles: readonly string[], cells: readonly string[]): void {
    this.#titles = titles
    this.#widths = titles.map(title => stringWidth(title))
    this.#right = cells.map(isNumeric)
  }
}
