import { type Column, formatTable, type Io } from '@bpf/terminal'
import type { Report, Result } from '../results'
import { titleOf } from './title'

/** One line of the matrix: what was asked, and each kernel's answer in the order of the kernels. */
interface MatrixRow {
  readonly family: string
  readonly scenario: string
  readonly program: string
  readonly cells: readonly (Result | undefined)[]
}

/** Results by question and kernel; questions in the order in which they were first answered. */
function matrixOf({ kernels, results }: Report): MatrixRow[] {
  const rows = new Map<string, { family: string; scenario: string; program: string; cells: (Result | undefined)[] }>()
  const column = new Map(kernels.map(({ name }, index) => [name, index]))
  for (const result of results) {
    const { family, scenario, program, kernel } = result
    const key = [family, scenario, program].join('\0')
    const row = rows.get(key) ?? { family, scenario, program, cells: kernels.map(() => undefined) }
    rows.set(key, row)
    row.cells[column.get(kernel) ?? -1] = result
  }
  return [...rows.values()]
}

/** The matrix as a table for the terminal, with what failed and what was skipped below. */
export function formatMatrix(report: Report, style: Io['style'], room?: number): string[] {
  const rows = matrixOf(report)
  if (rows.length === 0) return [...kernelTrouble(report, style), 'nothing was run']
  const column = (title: string): Column => ({ title, keep: 'lines' })
  const table = formatTable(
    [{ title: 'FAMILY', keep: 'all' }, column('SCENARIO'), ...report.kernels.map(({ name }) => column(name.toUpperCase()))],
    rows.map(row => [row.family, titleOf(row), ...row.cells.map(cell => styledCell(cell, style))]),
    room,
  )
  return [...table, '', ...failures(report, style), ...skips(report), ...kernelTrouble(report, style), summary(report)]
}

/** The matrix as a Markdown table, for documentation. */
export function formatMarkdown(report: Report): string[] {
  const header = [
    'family',
    'scenario',
    ...report.kernels.map(({ name, release }) => (release === undefined ? name : `${name} (${release})`)),
  ]
  const line = (cells: readonly string[]) => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [
    line(header),
    line(header.map(() => '---')),
    ...matrixOf(report).map(row => line([row.family, titleOf(row), ...row.cells.map(plainCell)])),
  ]
}

function plainCell(cell: Result | undefined): string {
  if (cell === undefined) return ''
  if (cell.status === 'pass') return cell.interface === undefined ? '✓' : `✓ ${cell.interface}`
  return cell.status === 'skip' ? '–' : '✗'
}

function styledCell(cell: Result | undefined, style: Io['style']): string {
  if (cell === undefined) return ''
  const [mark = '', ...rest] = plainCell(cell).split(' ')
  // Only the mark, so that the interface may go on in the line below.
  return [style(({ pass: 'green', fail: 'red', skip: 'dim' } as const)[cell.status], mark), ...rest].join(' ')
}

function failures({ results }: Report, style: Io['style']): string[] {
  const failed = results.filter(({ status }) => status === 'fail')
  return failed.flatMap(result => {
    const { kernel, reason = '' } = result
    const [first = '', ...rest] = reason.split('\n')
    return [`${style('red', '✗')} ${kernel}  ${titleOf(result)}: ${first}`, ...rest.map(line => `    ${line}`)]
  })
}

/** Each reason once, with the kernels it holds for. */
function skips({ results }: Report): string[] {
  const kernelsOf = new Map<string, Set<string>>()
  for (const { status, reason = '', kernel } of results) {
    if (status === 'skip') kernelsOf.set(reason, (kernelsOf.get(reason) ?? new Set()).add(kernel))
  }
  return [...kernelsOf].map(([reason, kernels]) => `– skipped on ${[...kernels].join(', ')}: ${reason}`)
}

function kernelTrouble({ kernels }: Report, style: Io['style']): string[] {
  return kernels.flatMap(({ name, error, crashes, console }) => [
    ...crashes.map(crash => `${style('yellow', '!')} ${name}: ${crash}`),
    ...(error === undefined ? [] : [`${style('red', '✗')} ${name}: ${error}${console === undefined ? '' : ` (console: ${console})`}`]),
  ])
}

function summary({ kernels, results }: Report): string {
  const count = (status: Result['status']) => results.filter(result => result.status === status).length
  return `${count('pass')} passed, ${count('fail')} failed, ${count('skip')} skipped on ${kernels.length} kernel${kernels.length === 1 ? '' : 's'}`
}
