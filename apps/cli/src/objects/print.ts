import { formatTable, formatValue, type Io } from '@bpf/terminal'

/** A table; on a terminal no line is longer than that. */
export function printTable(header: readonly string[], rows: readonly (readonly string[])[], io: Io): void {
  const [titles = '', ...lines] = formatTable(header, rows).map(line => shorten(line, io))
  io.out(io.style('dim', titles))
  for (const line of lines) io.out(line)
}

function shorten(line: string, io: Io): string {
  const columns = io.columns()
  return io.stdoutIsTerminal && line.length > columns ? `${line.slice(0, columns - 1)}…` : line
}

/** Everything about one object: its heading, then a line a fact; facts that are empty are left out. */
export function printDetails(heading: string, facts: Readonly<Record<string, unknown>>, io: Io): void {
  const shown = Object.entries(facts).filter(([, value]) => value !== undefined && value !== null && value !== '' && !isEmptyList(value))
  const width = Math.max(...shown.map(([name]) => name.length))
  io.out(io.style('bold', heading))
  for (const [name, value] of shown) {
    const text = Array.isArray(value) ? value.map(formatValue).join(', ') : formatValue(value)
    io.out(`  ${io.style('dim', name.padEnd(width))}  ${text}`)
  }
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}
