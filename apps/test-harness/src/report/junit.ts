import type { KernelReport, Report, Result } from '../results'
import { titleOf } from './title'

/** JUnit XML as CI systems read it: a test suite a kernel, a test case a scenario, the hook family as its class. */
export function formatJunit({ kernels, results }: Report): string {
  const suites = kernels.map(kernel =>
    suite(
      kernel,
      results.filter(result => result.kernel === kernel.name),
    ),
  )
  return ['<?xml version="1.0" encoding="UTF-8"?>', '<testsuites name="bpf-test">', ...suites.flat(), '</testsuites>'].join('\n')
}

function suite(kernel: KernelReport, results: readonly Result[]): string[] {
  const count = (status: Result['status']) => results.filter(result => result.status === status).length
  const trouble = kernel.error === undefined ? [] : [kernelError(kernel.error)]
  const attributes = attributesOf({
    name: kernel.release === undefined ? kernel.name : `${kernel.name} (${kernel.release})`,
    tests: results.length + trouble.length,
    failures: count('fail'),
    errors: trouble.length,
    skipped: count('skip'),
    time: seconds(kernel.ms),
  })
  return [`  <testsuite${attributes}>`, ...results.flatMap(testCase), ...trouble.flat(), '  </testsuite>']
}

/** A test case of its own: what reads reports looks at nothing else. */
function kernelError(error: string): string[] {
  return ['    <testcase name="the kernel itself" classname="kernel">', `      <error message="${escapeXml(error)}"/>`, '    </testcase>']
}

function testCase(result: Result): string[] {
  const { family, status, reason = '', ms } = result
  const attributes = attributesOf({ name: titleOf(result), classname: family, time: seconds(ms) })
  if (status === 'pass') return [`    <testcase${attributes}/>`]
  const detail =
    status === 'skip'
      ? `<skipped message="${escapeXml(reason)}"/>`
      : `<failure message="${escapeXml(reason.split('\n')[0] ?? '')}">${escapeXml(reason)}</failure>`
  return [`    <testcase${attributes}>`, `      ${detail}`, '    </testcase>']
}

function attributesOf(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`)
    .join('')
}

const seconds = (ms: number) => (ms / 1000).toFixed(3)

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\n': '&#10;', '\t': '&#9;' }

/** Control characters have no form in XML 1.0, not even an escaped one: they are left out. */
function escapeXml(text: string): string {
  return text.replace(/[&<>"\n\t]/g, character => entities[character] ?? character).replace(/\p{Cc}/gu, '')
}
