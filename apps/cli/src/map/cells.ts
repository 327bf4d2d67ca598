import { flatten, type Io, roomOf, StreamTable } from '@bpf/terminal'

/** Keys and values as a table that grows entry by entry; `whole` if long values are wanted as they are. */
export function elementTable(io: Io, { whole = false } = {}): StreamTable {
  const room = () => (whole ? Number.POSITIVE_INFINITY : roomOf(io))
  return new StreamTable({ print: io.out, styleHeader: line => io.style('dim', line), room })
}

/** A key or a value as table cells by column: `key` or `key.pid`, bytes as hex pairs. */
export function cellsOf(noun: string, value: unknown): Record<string, unknown> {
  return Object.fromEntries(flatten(value, noun).map(([name, field]) => [name, field instanceof Uint8Array ? hexPairs(field) : field]))
}

function hexPairs(bytes: Uint8Array): string {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join(' ')
}
