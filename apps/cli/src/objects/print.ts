import { type Column, formatTable, formatValue, type Io, roomOf, wrapWords } from '@bpf/terminal'

/** A column of a listing: how it looks, and what of an item stands in it. */
export interface ListColumn<T> extends Column {
  readonly cell: (item: T) => string
}

/** Everything about one thing: its heading, then a line a fact. */
export interface Details {
  readonly heading: string
  readonly facts: Readonly<Record<string, unknown>>
}

/** The titles, and a line an item: of at most `room` columns, as far as numbers allow. */
export function tableLines<T>(columns: readonly ListColumn<T>[], items: readonly T[], room: number): string[] {
  const rows = items.map(item => columns.map(({ cell }) => cell(item)))
  return formatTable(columns, rows, room)
}

/** On a terminal no line is longer than that. */
export function printTable<T>(columns: readonly ListColumn<T>[], items: readonly T[], io: Io): void {
  const [titles = '', ...lines] = tableLines(columns, items, roomOf(io))
  io.out(io.style('dim', titles))
  for (const line of lines) io.out(line)
}

/** A table of a report: indented under its heading. On a terminal no line is longer than that. */
export function printIndented(columns: readonly (string | Column)[], rows: readonly (readonly string[])[], io: Io, indent = '  '): void {
  for (const line of formatTable(columns, rows, roomOf(io) - indent.length)) io.out(indent + line)
}

/** Facts that are empty are left out. */
export function printDetails({ heading, facts }: Details, io: Io): void {
  const shown = Object.entries(facts).filter(([, value]) => value !== undefined && value !== null && value !== '' && !isEmptyList(value))
  const width = Math.max(...shown.map(([name]) => name.length))
  io.out(io.style('bold', heading))
  for (const [name, value] of shown) {
    const text = Array.isArray(value) ? value.map(formatValue).join(', ') : formatValue(value)
    const [first = '', ...others] = wrapWords(text.split(' '), roomOf(io) - width - 4)
    io.out(`  ${io.style('dim', name.padEnd(width))}  ${first}`)
    for (const line of others) io.out(' '.repeat(width + 4) + line)
  }
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}

/** What is not there. */
export const nothing = '-'

/** `12,13,14` */
export function formatIds(ids: readonly number[]): string {
  return ids.join(',') || nothing
}
