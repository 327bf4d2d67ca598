import { type Report, type Result, succeeded } from '../results'
import { titleOf } from './title'

/** TAP version 14 (https://testanything.org): one line a result, skips with their reason, failures with a YAML block. */
export function formatTap(report: Report): string {
  const { kernels, results } = report
  const lines = results.flatMap((result, index) => point(index + 1, result))
  const bail = kernels.filter(({ error }) => error !== undefined).map(({ name, error }) => `Bail out! ${name}: ${oneLine(error ?? '')}`)
  const verdict = succeeded(report) ? '# all scenarios passed or were rightly skipped' : '# there were failures'
  return ['TAP version 14', `1..${results.length}`, ...lines, ...bail, verdict].join('\n')
}

function point(number: number, result: Result): string[] {
  const { kernel, family, status, interface: by, reason = '', ms } = result
  const what = [kernel, family, titleOf(result)].join(' / ')
  const name = escapeTap(by === undefined ? what : `${what} (${by})`)
  if (status === 'pass') return [`ok ${number} - ${name}`]
  if (status === 'skip') return [`ok ${number} - ${name} # SKIP ${oneLine(reason)}`]
  const yaml = ['---', 'message: |', ...reason.split('\n').map(line => `  ${line}`), `duration_ms: ${ms}`, '...']
  return [`not ok ${number} - ${name}`, ...yaml.map(line => `  ${line}`)]
}

/** `#` begins a directive. */
function escapeTap(text: string): string {
  return oneLine(text).replace(/[\\#]/g, '\\$&')
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
