import { dirname } from 'node:path'
import { type Column, formatTable, type Io } from '@bpf/terminal'
import { type Report, type Result, succeeded } from '../results'
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
  return [
    ...table,
    '',
    ...legend(report),
    ...failures(report, style),
    ...skips(report),
    ...kernelTrouble(report, style),
    ...consoles(report),
    summary(report),
  ]
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

/** Each failure once, with the kernels that it is the same on. */
function failures({ results }: Report, style: Io['style']): string[] {
  const failed = results.filter(({ status }) => status === 'fail')
  const kernelsOf = new Map<string, string[]>()
  for (const result of failed) {
    const text = `${titleOf(result)}: ${result.reason ?? ''}`
    kernelsOf.set(text, [...(kernelsOf.get(text) ?? []), result.kernel])
  }
  return [...kernelsOf].flatMap(([text, kernels]) => {
    const [first = '', ...rest] = text.split('\n')
    return [`${style('red', '✗')} ${kernels.join(', ')}  ${first}`, ...rest.map(line => `    ${line}`)]
  })
}

/** What a mark without an interface says. */
function legend({ results }: Report): string[] {
  const bare = results.some(({ status, interface: by }) => status === 'pass' && by === undefined)
  return bare ? ['✓ alone: passed, with nothing to attach it to'] : []
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

/** Where to read on. */
function consoles(report: Report): string[] {
  if (succeeded(report)) return []
  const directories = new Set(report.kernels.flatMap(({ console }) => (console === undefined ? [] : [dirname(console)])))
  return [...directories].map(directory => `consoles are in ${directory}`)
}

function summary({ kernels, results }: Report): string {
  const count = (status: Result['status']) => results.filter(result => result.status === status).length
  return `${count('pass')} passed, ${count('fail')} failed, ${count('skip')} skipped on ${kernels.length} kernel${kernels.length === 1 ? '' : 's'}`
}
