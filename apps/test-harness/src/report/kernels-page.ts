import type { Report, Result } from '../results'
import { formatMarkdown } from './matrix'

/** A page of documentation: by which interface each hook was attached, on which kernel, and what was skipped. */
export function formatKernelsPage(report: Report): string {
  const skips = skipReasons(report.results).map(([reason, kernels]) => `- ${reason} (${kernels.join(', ')})`)
  const text = [
    '# Kernels',
    '',
    'Every hook family with every interface that it can be attached by, on several kernels. `bpf-test --markdown docs/kernels.md` made',
    'this page: it attached to each hook, made its event happen, saw the effect, detached, saw it stop, and looked for leftovers.',
    '',
    '## Families and interfaces',
    '',
    'What worked. On each kernel the first that it has is taken unless another is asked for.',
    '',
    ...familyTable(report),
    '',
    '## Scenarios',
    '',
    '✓ worked, by this interface; ✗ failed; – the kernel lacks something, see below.',
    '',
    ...formatMarkdown(report),
    ...(skips.length > 0 ? ['', '## What kernels lack', '', ...skips] : []),
  ]
  return `${text.join('\n')}\n`
}

function familyTable({ kernels, results }: Report): readonly string[] {
  const families = [...new Set(results.map(({ family }) => family))]
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const cell = (family: string, kernel: string) => {
    const here = results.filter(result => result.family === family && result.kernel === kernel)
    if (here.some(({ status }) => status === 'fail')) return '✗'
    const passed = here.filter(({ status }) => status === 'pass')
    const interfaces = new Set(passed.flatMap(result => result.interface?.split(', ') ?? []))
    return passed.length === 0 ? '–' : [...interfaces].join(', ') || '✓'
  }
  return [
    line(['family', ...kernels.map(({ name }) => name)]),
    line(['---', ...kernels.map(() => '---')]),
    ...families.map(family => line([family, ...kernels.map(({ name }) => cell(family, name))])),
  ]
}

/** Each reason once, with the kernels that gave it. */
function skipReasons(results: readonly Result[]): readonly (readonly [string, readonly string[]])[] {
  const kernels = new Map<string, Set<string>>()
  for (const { status, reason, kernel } of results) {
    if (status === 'skip' && reason !== undefined) kernels.set(reason, (kernels.get(reason) ?? new Set()).add(kernel))
  }
  return [...kernels].map(([reason, names]) => [reason, [...names]])
}
