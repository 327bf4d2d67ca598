/** How wide a column would be, and how it gives way where there is no room for that. */
export interface ColumnFit {
  readonly width: number
  /** Whether its cells can be shortened. */
  readonly flexible: boolean
  /** Whether the table can do without it. */
  readonly optional: boolean
}

export const gap = 2

/** Narrower than this a column of text says little; where it still does not fit, optional columns go first. */
const comfortable = 12
/** The narrowest that a column of text gets. */
const tight = 5

/**
 * Widths with which a table fits into `room` columns, 0 for columns that are left out: the widest columns get narrower; if that
 * is not enough, optional ones go, the last first; if that is not enough, the others get as narrow as they can.
 */
export function fitColumns(columns: readonly ColumnFit[], room: number): readonly number[] {
  let shown = columns.map(({ width }) => width)
  for (;;) {
    const widths = narrow(columns, shown, room, comfortable)
    if (excess(widths, room) <= 0) return widths
    const next = columns.findLastIndex(({ optional }, index) => optional && shown[index] !== 0)
    if (next < 0) return narrow(columns, shown, room, tight)
    shown = shown.with(next, 0)
  }
}

/** Takes from the widest of the flexible columns, one after the other, until it fits or none is wider than `least`. */
function narrow(columns: readonly ColumnFit[], shown: readonly number[], room: number, least: number): number[] {
  const widths = [...shown]
  for (let over = excess(widths, room); over > 0; over--) {
    const widest = widths.reduce((found, width, index) => {
      const canGive = columns[index]?.flexible === true && width > least
      return canGive && width > (widths[found] ?? 0) ? index : found
    }, -1)
    if (widest < 0) break
    widths[widest] = (widths[widest] ?? 0) - 1
  }
  return widths
}

function excess(widths: readonly number[], room: number): number {
  const shown = widths.filter(width => width > 0)
  return shown.reduce((sum, width) => sum + width, 0) + gap * Math.max(0, shown.length - 1) - room
}
