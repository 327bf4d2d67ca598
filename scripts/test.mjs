// `npm test`: installs, builds, checks and runs every suite this machine can run; ends with what was skipped and why,
// and one line `N passed, N failed, N skipped` over all of them.
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build, install, requireNode, root, run, step, tool } from './workspace.mjs'

/** Where the time went: the name of each stage, and when it began. */
const stages = []

requireNode()
stages.push(['installing and building', performance.now()])
install()
build()

const scratch = mkdtempSync(join(tmpdir(), 'bpf-test-'))
const unsteadyFile = join(scratch, 'unsteady')
const totals = { passed: 0, failed: 0, skipped: [], failures: [], unsteady: [] }

/** Checks that pass or fail as a whole. */
const checks = [
  ['formatting and lint', 'biome', ['check', '--error-on-warnings', '.']],
  ['types', 'turbo', ['run', 'typecheck', '--output-logs=errors-only', '--concurrency=100%']],
  ['unused exports and dependencies', 'knip', []],
  ['API reference', 'typedoc', []],
]

/** A process a processor: unless told so, vitest leaves one out. */
const allProcessors = '--maxWorkers=100%'

/**
 * Test runs. Kernel suites run one file at a time: they count what is loaded before and after. They share the kernel with whatever
 * else is running, so a test that fails there gets a second try; the summary names those that needed it.
 */
const suites = [
  ['unit', ['--project', 'unit', allProcessors]],
  ['kernel', ['--project', 'kernel', '--no-file-parallelism', '--retry=1']],
  ['workspace', ['--project', 'workspace', allProcessors]],
  [
    'browser',
    ['--config', 'vitest.browser.config.ts', allProcessors],
    chromium() ? undefined : 'the pure packages in a browser: needs chromium',
  ],
]

for (const [name, command, args] of checks) {
  stage(name)
  if (tool(command, args) === 0) totals.passed++
  else fail(name)
}

for (const [name, args, missing] of suites) {
  if (missing) {
    totals.skipped.push(missing)
    continue
  }
  stage(`${name} tests`)
  const report = join(scratch, `${name}.json`)
  const reporters = ['--reporter=dot', '--reporter=json', `--outputFile.json=${report}`, '--reporter=./scripts/unsteady-reporter.mjs']
  const code = tool('vitest', ['run', ...args, '--passWithNoTests', ...reporters], { env: { UNSTEADY_FILE: unsteadyFile } })
  count(name, code, report)
}

compareWithCorpus()
runScenarios()
if (existsSync(unsteadyFile)) totals.unsteady.push(...readFileSync(unsteadyFile, 'utf8').trim().split('\n'))
rmSync(scratch, { recursive: true, force: true })
summarise()

/** Real objects that are not in this repository: a directory named by BPF_CORPUS. */
function compareWithCorpus() {
  const directory = process.env.BPF_CORPUS
  if (!directory) totals.skipped.push('comparison with libbpf over a corpus of real objects: needs BPF_CORPUS=DIRECTORY')
  else if (process.getuid() !== 0) totals.skipped.push('comparison with libbpf over a corpus of real objects: needs root')
  else {
    stage('corpus of real objects')
    if (run(process.execPath, ['apps/test-harness/dist/main.js', 'corpus', directory]) === 0) totals.passed++
    else fail('corpus of real objects')
  }
}

/** The bundled scenarios of the test harness, on this kernel and on Debian's in virtual machines: what is a result each, counts each. */
function runScenarios() {
  if (process.getuid() !== 0) return totals.skipped.push('scenarios on real kernels: needs root')
  stage('scenarios on real kernels')
  const harness = 'apps/test-harness/dist/main.js'
  const names = ['5.10', '6.1', '6.12', 'newest']
  const missing = machines()
    ? run(process.execPath, [harness, 'kernels', 'pull', ...names]) !== 0 && 'kernels, from apt'
    : 'qemu-system-x86_64 and busybox'
  if (missing) for (const name of names) totals.skipped.push(`scenarios on Linux ${name}: needs ${missing}`)
  else planFor(names)
  const report = scenarioReport(['host', ...(missing ? [] : names)])
  if (report === undefined) return fail('scenarios: the harness ended without a report')
  for (const { name, error } of report.kernels) if (error) fail(`scenarios on ${name}: ${error}`)
  for (const result of report.results) {
    if (result.status === 'pass') totals.passed++
    else if (result.status === 'skip') totals.skipped.push(`${result.kernel}: ${result.scenario}: ${result.reason}`)
    else tryAgain(result)
  }
}

/** CO-RE against the BTF in the images of the same kernels: none is booted. */
function planFor(kernels) {
  for (const object of ['execsnoop', 'tcp-latency', 'file-audit']) {
    step(`plans of ${object} for ${kernels.join(', ')}`)
    const args = ['compat', `packages/fixtures/objects/examples/${object}.o`, ...kernels.flatMap(name => ['--kernel', name])]
    if (run(process.execPath, ['apps/test-harness/dist/main.js', ...args]) === 0) totals.passed++
    else fail(`plans of ${object} for other kernels`)
  }
}

/** Emulated machines are slow, and sometimes too slow. */
function tryAgain({ kernel, scenario, reason }) {
  const again = scenarioReport([kernel], ['--only', scenario])?.results.find(result => result.scenario === scenario)
  if (again?.status !== 'pass') return fail(`${kernel}: ${scenario}: ${firstLine(reason)}`)
  totals.passed++
  totals.unsteady.push(`${kernel}: ${scenario}: ${firstLine(reason)}`)
}

/** Undefined when the harness printed none. */
function scenarioReport(kernels, options = []) {
  const file = join(scratch, 'scenarios.json')
  const args = ['apps/test-harness/dist/main.js', 'run', ...kernels.flatMap(name => ['--kernel', name]), ...options, '--reporter', 'json']
  run(process.execPath, args, { stdio: ['ignore', openSync(file, 'w'), 2] })
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

function stage(name) {
  stages.push([name, performance.now()])
  step(name)
}

function machines() {
  return ['qemu-system-x86_64', 'busybox'].every(name => ['/usr/bin', '/bin'].some(directory => existsSync(join(directory, name))))
}

function chromium() {
  return ['/usr/bin/chromium', '/usr/bin/google-chrome'].some(path => existsSync(path))
}

function fail(what) {
  totals.failed++
  totals.failures.push(what)
}

function count(suite, code, file) {
  let report
  try {
    report = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return fail(`${suite}: the test runner ended with ${code} and without a report`)
  }
  const before = totals.failed
  for (const testFile of report.testResults) {
    const path = testFile.name.replace(root, '')
    if (testFile.status === 'failed' && testFile.assertionResults.length === 0) fail(`${path}: ${firstLine(testFile.message)}`)
    for (const test of testFile.assertionResults) {
      if (test.status === 'passed') totals.passed++
      else if (test.status === 'failed') fail(`${path}: ${test.fullName}`)
      else totals.skipped.push(`${path}: ${test.fullName}`)
    }
  }
  if (code !== 0 && totals.failed === before) fail(`${suite}: the test runner ended with ${code}`)
}

function firstLine(text) {
  return String(text).split('\n')[0]
}

function summarise() {
  const ends = [...stages.slice(1).map(([, began]) => began), performance.now()]
  const times = stages.map(([name, began], index) => `${name} ${Math.round((ends[index] - began) / 1000)}`)
  console.log(`\nSeconds: ${times.join(', ')}`)
  if (totals.skipped.length > 0)
    console.log(`\nSkipped (the title names what is missing):\n${totals.skipped.map(t => `  ${t}`).join('\n')}`)
  if (totals.unsteady.length > 0) console.log(`\nPassed at the second try:\n${totals.unsteady.map(t => `  ${t}`).join('\n')}`)
  if (totals.failures.length > 0) console.log(`\nFailed:\n${totals.failures.map(t => `  ${t}`).join('\n')}`)
  console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped.length} skipped`)
  process.exitCode = totals.failed > 0 ? 1 : 0
}
