import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, freemem, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bestAccelerator } from '../guest/qemu'
import type { KernelFiles } from '../kernels/kernel-files'
import { type KernelReport, type Report, type Result, type RunEvent, succeeded } from '../results'
import { everything, type ScenarioSource } from './job'
import { loadScenarios, ScenarioError } from './load-scenarios'
import { guestMegabytes, runOnGuest } from './on-guest'
import { runOnHost } from './on-host'

export interface RunOptions {
  readonly host: boolean
  readonly kernels: readonly KernelFiles[]
  readonly sources: readonly ScenarioSource[]
  readonly only: readonly string[]
  readonly cache: string
  /** Directory for the consoles; unless given one of their own, which stays only if something failed. */
  readonly logs: string | undefined
  /** Guests at a time; as many as memory and processors allow unless given. */
  readonly jobs: number | undefined
  /** Ends the run: guests are killed, the host finishes the scenario that it is at. */
  readonly signal: AbortSignal
  readonly onEvent: (event: RunEvent) => void
}

/** Beside this file's bundle: the runner for this machine, and the same for guests, which have no packages, behind what starts it. */
const runners = {
  host: fileURLToPath(new URL('./runner.js', import.meta.url)),
  guest: ['start', 'runner'].map(name => fileURLToPath(new URL(`./guest/${name}.cjs`, import.meta.url))),
} as const

/** Objects of the bundled scenarios. */
export const bundledObjects = fileURLToPath(new URL('./objects', import.meta.url))

/** Runs every scenario on every kernel, several kernels at a time. @throws ScenarioError, KernelImageError, what `signal` was aborted with */
export async function runAll(options: RunOptions): Promise<Report> {
  if (options.logs !== undefined) {
    mkdirSync(options.logs, { recursive: true })
    return runWithLogs(options, options.logs)
  }
  const logs = mkdtempSync(join(tmpdir(), 'bpf-test-logs-'))
  let report: Report | undefined
  try {
    report = await runWithLogs(options, logs)
  } finally {
    if (report === undefined || succeeded(report)) rmSync(logs, { recursive: true })
  }
  return succeeded(report) ? withoutConsoles(report) : report
}

function withoutConsoles({ kernels, results }: Report): Report {
  return { kernels: kernels.map(kernel => ({ ...kernel, console: undefined })), results }
}

async function runWithLogs(options: RunOptions, logs: string): Promise<Report> {
  const { host, kernels, sources, only, cache, signal, onEvent } = options
  const job = { sources, only, root: '/' }
  const scenarios = await loadScenarios(job)
  if (scenarios.length === 0) throw new ScenarioError('there is no scenario to run')
  const results: Result[] = []
  const collect = (event: RunEvent) => {
    if (event.kind === 'result') results.push(event.result)
    onEvent(event)
  }
  const common = { scenarios, signal, onEvent: collect }
  const onHost = () => runOnHost({ ...common, job: { ...job, share: everything }, runner: runners.host, console: join(logs, 'host.log') })
  const onGuest = (kernel: KernelFiles) =>
    runOnGuest({
      ...common,
      job: { ...job, share: bestAccelerator() === 'kvm' ? everything : { index: kernels.indexOf(kernel), count: kernels.length } },
      kernel,
      cache,
      runner: runners.guest,
      console: join(logs, `${kernel.name}.log`),
    })
  // Newer kernels have more to do: begun last, one would be alone at the end.
  const newestFirst = kernels.toSorted((a, b) => b.release.localeCompare(a.release, 'en', { numeric: true }))
  const tasks = [...(host ? [onHost] : []), ...newestFirst.map(kernel => () => onGuest(kernel))]
  const reports = await inParallel(tasks, options.jobs ?? guestsAtATime())
  return { kernels: inOrder(reports, options, ({ name }) => name), results: inOrder(results, options, ({ kernel }) => kernel) }
}

/** An emulated guest keeps about one processor busy. With more of them each works for longer: one half of a guest spins while the other is not run. */
function guestsAtATime(): number {
  const byMemory = Math.floor(freemem() / 2 ** 20 / (guestMegabytes * 1.2))
  const byProcessors = bestAccelerator() === 'kvm' ? 4 : availableParallelism()
  return Math.max(1, Math.min(byMemory, byProcessors, 4))
}

async function inParallel(tasks: readonly (() => Promise<KernelReport>)[], limit: number): Promise<readonly KernelReport[]> {
  const reports: KernelReport[] = []
  const waiting = [...tasks]
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) reports.push(await next())
  }
  const ended = await Promise.allSettled(Array.from({ length: Math.min(limit, tasks.length) }, worker))
  const failed = ended.find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected') throw failed.reason
  return reports
}

/** By kernel as they were named, each in the order that it has. */
function inOrder<T>(all: readonly T[], { kernels }: RunOptions, kernelOf: (one: T) => string): readonly T[] {
  return ['host', ...kernels.map(({ name }) => name)].flatMap(name => all.filter(one => kernelOf(one) === name))
}
