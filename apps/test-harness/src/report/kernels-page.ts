import type { Report } from '../results'
import { formatMarkdown } from './matrix'

/** The table as a page of documentation: which interface each hook was attached by, on which kernel. */
export function formatKernelsPage(report: Report): string {
  const reasons = new Map<string, Set<string>>()
  for (const { status, reason = '', scenario, kernel } of report.results) {
    if (status === 'skip') reasons.set(`${scenario}: ${reason}`, (reasons.get(`${scenario}: ${reason}`) ?? new Set()).add(kernel))
  }
  const skips = [...reasons].map(([what, kernels]) => `- ${what} (${[...kernels].join(', ')})`)
  const text = [
    '# Kernels',
    '',
    'What `bpf-test --markdown docs/kernels.md` found out, by attaching to each hook, making its event happen, seeing the effect,',
    'detaching, seeing it stop, and looking for leftovers. ✓ works, by the interface that held the attachment; ✗ does not; – the',
    'kernel is too old, or was built without it.',
    '',
    ...formatMarkdown(report),
    ...(skips.length > 0 ? ['', '## What was skipped, and why', '', ...skips] : []),
  ]
  return `${text.join('\n')}\n`
}
