import { formatTable } from '@bpf/terminal'
import type { ObjectResult } from './check-object'
import type { Difference } from './difference'
import { explanationOf } from './explained'

/** Totals by group, then every difference: those that are not explained first. */
export function formatReport(results: readonly ObjectResult[], options: { readonly all: boolean }): string[] {
  const differences = results.flatMap(result => result.differences)
  const unexplained = differences.filter(d => explanationOf(d) === undefined)
  const lines = [...groupTable(results), '']
  if (unexplained.length > 0)
    lines.push(`${unexplained.length} differences without an explanation:`, ...unexplained.map(formatDifference), '')
  lines.push(...explainedLines(differences, options.all))
  lines.push(...refusalLines(results, options.all))
  return lines
}

export function unexplainedCount(results: readonly ObjectResult[]): number {
  return results.flatMap(result => result.differences).filter(d => explanationOf(d) === undefined).length
}

function groupTable(results: readonly ObjectResult[]): string[] {
  const groups = [...new Set(results.map(r => r.entry.group))].sort()
  const rows = [
    ...groups.map(group =>
      tableRow(
        group,
        results.filter(r => r.entry.group === group),
      ),
    ),
    tableRow('all', results),
  ]
  return formatTable(['GROUP', 'OBJECTS', 'CHECKS', 'SAME', 'EXPLAINED', 'DIFFERENT'], rows)
}

function tableRow(name: string, results: readonly ObjectResult[]): string[] {
  const checks = results.reduce((sum, r) => sum + r.checks, 0)
  const differences = results.flatMap(r => r.differences)
  const explained = differences.filter(d => explanationOf(d) !== undefined).length
  const failedChecks = new Set(differences.map(d => `${d.object} ${d.stage} ${d.stage === 'alone' ? d.subject : ''}`)).size
  return [name, results.length, checks, checks - failedChecks, explained, differences.length - explained].map(String)
}

function formatDifference(d: Difference): string {
  return `  ${d.object} [${d.verdict}] ${d.stage}: ${d.subject}: ${d.fact} is ${d.actual}, libbpf has ${d.expected}`
}

function explainedLines(differences: readonly Difference[], all: boolean): string[] {
  const byReason = new Map<string, Difference[]>()
  for (const difference of differences) {
    const reason = explanationOf(difference)
    if (reason !== undefined) byReason.set(reason, [...(byReason.get(reason) ?? []), difference])
  }
  return [...byReason].flatMap(([reason, list]) => [`${list.length} explained: ${reason}`, ...(all ? list.map(formatDifference) : [])])
}

function refusalLines(results: readonly ObjectResult[], all: boolean): string[] {
  const none = results.filter(r => !r.entry.opens)
  const refused = none.filter(r => r.refusal !== undefined)
  const lines = [
    `${none.length} objects that no libbpf opens: ${refused.length} refused with a typed error, ${none.length - refused.length} read`,
  ]
  return all ? [...lines, ...none.map(r => `  ${r.entry.path}: ${r.refusal ?? 'read'}`)] : lines
}
