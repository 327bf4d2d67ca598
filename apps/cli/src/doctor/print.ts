import type { Io, Style } from '@bpf/terminal'
import { type CheckGroup, type CheckStatus, isReady } from './check'

const marks: Readonly<Record<CheckStatus, readonly [mark: string, style: Style]>> = {
  ok: ['✓', 'green'],
  info: ['·', 'dim'],
  warning: ['!', 'yellow'],
  problem: ['✗', 'red'],
}

/** A line a check, and under it what to do. */
export function printReport(groups: readonly CheckGroup[], io: Io): void {
  const width = Math.max(...groups.flatMap(({ checks }) => checks.map(({ name }) => name.length)))
  for (const { title, checks } of groups) {
    io.out(io.style('bold', title))
    for (const { name, status, found, remedy } of checks) {
      const [mark, style] = marks[status]
      io.out(`  ${io.style(style, mark)} ${name.padEnd(width)}  ${status === 'info' ? io.style('dim', found) : found}`)
      if (remedy !== null) io.out(`    ${' '.repeat(width)}  ${io.style('cyan', '→')} ${remedy}`)
    }
  }
  const all = groups.flatMap(({ checks }) => checks)
  const count = (status: CheckStatus) => {
    const number = all.filter(one => one.status === status).length
    return `${number} ${status}${number === 1 ? '' : 's'}`
  }
  const verdict = isReady(groups) ? io.style('green', 'ready') : io.style('red', 'not ready')
  io.out(`${verdict}: ${count('problem')}, ${count('warning')}`)
}
