import stringWidth from 'string-width'

/** Rows under a header, columns as wide as their widest cell, numbers to the right. The last column is not padded. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = header.map((title, column) => Math.max(...[title, ...rows.map(row => row[column] ?? '')].map(cell => stringWidth(cell))))
  const right = header.map((_, column) => rows.length > 0 && rows.every(row => isNumeric(row[column] ?? '')))
  return [header, ...rows].map(row => formatRow(row, widths, right))
}

export function formatRow(cells: readonly string[], widths: readonly number[], right: readonly boolean[]): string {
  return cells
    .map((cell, column) => {
      const padding = ' '.repeat(Math.max(0, (widths[column] ?? 0) - stringWidth(cell)))
      return right[column] ? padding + cell : cell + padding
    })
    .join('  ')
    .trimEnd()
}

export function isNumeric(cell: string): boolean {
  return /^-?[\d.,:]+(?:\/s| [nµm]?s)?$/.test(cell) || cell === '-' || cell === ''
}
