import { type Io, roomOf, type Style, wrapWords } from '@bpf/terminal'
import { type Check, type CheckGroup, type CheckStatus, isReady } from './check'

const marks: Readonly<Record<CheckStatus, readonly [mark: string, style: Style]>> = {
  ok: ['✓', 'green'],
  info: ['·', 'dim'],
  warning: ['!', 'yellow'],
  problem: ['✗', 'red'],
}

/** A line a check, and under it what to do; longer ones go on below themselves. */
export function printReport(groups: readonly CheckGroup[], io: Io): void {
  const width = Math.max(...groups.flatMap(({ checks }) => checks.map(({ name }) => name.length)))
  for (const { title, checks } of groups) {
    io.out(io.style('bold', title))
    for (const one of checks) printCheck(one, width, io)
  }
  printVerdict(groups, io)
}

/** Before what was found stand a mark and the name. */
const markWidth = 4
/** Before a remedy stands an arrow. */
const arrowWidth = 2

function printCheck({ name, status, found, remedy }: Check, width: number, io: Io): void {
  const [mark, style] = marks[status]
  const indent = ' '.repeat(markWidth + width + 2)
  const wrap = (text: string, taken: number) => wrapWords(text.split(' '), roomOf(io) - indent.length - taken)
  const [first = '', ...others] = wrap(found, 0).map(line => (status === 'info' ? io.style('dim', line) : line))
  io.out(`  ${io.style(style, mark)} ${name.padEnd(width)}  ${first}`)
  for (const line of others) io.out(indent + line)
  for (const [index, line] of wrap(remedy ?? '', arrowWidth).entries()) {
    if (line !== '') io.out(`${indent}${index === 0 ? io.style('cyan', '→') : ' '} ${line}`)
  }
}

function printVerdict(groups: readonly CheckGroup[], io: Io): void {
  const all = groups.flatMap(({ checks }) => checks)
  const count = (status: CheckStatus) => {
    const number = all.filter(one => one.status === status).length
    return `${number} ${status}${number === 1 ? '' : 's'}`
  }
  const verdict = isReady(groups) ? io.style('green', 'ready') : io.style('red', 'not ready')
  io.out(`${verdict}: ${count('problem')}, ${count('warning')}`)
}
