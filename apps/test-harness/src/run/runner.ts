import { spawnSync } from 'node:child_process'
import { readFileSync, writeSync } from 'node:fs'
import type { Kernel } from '@bpf/kernel'
import { createContext } from '@bpf/loader'
import { findCommand } from '../guest/find-command'
import { type KernelFacts, parseVersion } from '../scenario/legitimacy'
import type { Job, Message } from './job'
import { Leftovers } from './leftovers'
import { loadScenarios } from './load-scenarios'
import { runScenario } from './run-scenario'
import { stopOnSignal } from './stop'
import { killVictim, runVictim, type Starter, type VictimOrder } from './victim'

/** Descriptor that results go to, whatever programs print. */
const resultsFd = 3

/** What the process in a guest, or beside the command on the host, does with its arguments. */
export async function runner([jobFile = '', victim]: readonly string[], starter: Starter = {}): Promise<void> {
  const job = JSON.parse(readFileSync(jobFile, 'utf8')) as Job
  await (victim === undefined ? runJob(job, starter) : runVictim(job, JSON.parse(victim) as VictimOrder, starter))
}

/** Runs a job on this kernel. */
async function runJob(job: Job, { importModule }: Starter): Promise<void> {
  const leftovers = new Leftovers()
  const context = createContext({ trace: leftovers.trace })
  const found = await loadScenarios(job, importModule)
  say({ kind: 'hello', release: context.kernel.release, count: found.length })
  const facts = factsOf(job, context.kernel)
  using stop = stopOnSignal()
  for (const [index, one] of found.entries()) {
    const { scenario } = one
    if (index < job.from) continue
    if (stop.signal.aborted) return
    say({ kind: 'start', index, scenario: scenario.name, family: scenario.family })
    const kill = (order: unknown, after?: number) => killVictim({ scenario: index, order, after })
    const result = await runScenario(one, { kernel: job.kernel, context, facts, leftovers, kill, share: job.share })
    say({ kind: 'result', index, result })
  }
  say({ kind: 'done' })
}

function say(message: Message): void {
  const bytes = Buffer.from(`${JSON.stringify(message)}\n`)
  for (let written = 0; written < bytes.byteLength; ) written += writeSync(resultsFd, bytes, written)
}

function factsOf({ modules }: Job, kernel: Kernel): KernelFacts {
  const kconfig = kernel.kconfigSource()
  return {
    version: parseVersion(kernel.release),
    option: kconfig && (name => kconfig.get(name)),
    mayRefuse: modules === undefined && kernel.rights().missing.length === 0,
    hasModule: name => (modules === undefined ? loadModule(name, kernel) : modules.includes(name)),
    hasFunction: name =>
      !kernel
        .kallsyms()
        .matching(other => name.test(other))
        .next().done,
    hasCommand: name => findCommand(name) !== undefined,
  }
}

/** On the host: loaded, or built in as its configuration says. */
function loadModule(name: string, kernel: Kernel): boolean {
  const option = name.toUpperCase()
  const builtIn = [`CONFIG_${option}`, `CONFIG_NET_${option}`].some(candidate => kernel.kconfig(candidate) === 'y')
  return builtIn || spawnSync('modprobe', ['-q', name]).status === 0
}
