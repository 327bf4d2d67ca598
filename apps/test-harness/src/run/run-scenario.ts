import { attachTo, type Link } from '@bpf/attach'
import { BpfError } from '@bpf/bytes'
import { type Context, type LoadedObject, VerifierError } from '@bpf/loader'
import { Errno, isSyscallError } from '@bpf/sys'
import type { Result } from '../results'
import { type KernelFacts, whatIsMissing } from '../scenario/legitimacy'
import type { Scenario, ScenarioContext } from '../scenario/types'
import type { Share } from './job'
import type { Leftovers } from './leftovers'
import type { FoundScenario } from './load-scenarios'
import { ScenarioRun, until } from './scenario-context'

export interface RunEnvironment {
  readonly kernel: string
  readonly context: Context
  readonly facts: KernelFacts
  readonly leftovers: Leftovers
  readonly kill: ScenarioContext['kill']
  readonly share: Share
}

/** What was found out before it failed, perhaps. */
interface Findings {
  readonly program: string
  interface: string | undefined
}

/** Runs one scenario from loading to looking for leftovers. Never throws. */
export async function runScenario({ scenario, locate }: FoundScenario, environment: RunEnvironment): Promise<Result> {
  const started = performance.now()
  const { kernel, context, facts, leftovers, kill, share } = environment
  const found: Findings = { program: scenario.programs?.join(' ') ?? '', interface: undefined }
  const run = new ScenarioRun(context, locate, { kill, share })
  const result = (status: Result['status'], reason?: string): Result => {
    const ms = Math.round(performance.now() - started)
    const measured = run.data === undefined ? {} : { data: run.data }
    return { kernel, scenario: scenario.name, family: scenario.family, ...found, status, reason, ms, ...measured }
  }
  const missing = whatIsMissing(scenario.requires ?? {}, facts)
  if (missing !== undefined) return result('skip', missing)

  leftovers.begin()
  let problem: string | undefined
  let refusal: string | undefined
  try {
    await steps(scenario, run, found)
  } catch (error) {
    if (facts.mayRefuse && isRefusal(error)) refusal = describeError(error).split('\n')[0]
    else problem = [describeError(error), ...run.logs].join('\n')
  }
  try {
    run[Symbol.dispose]()
  } catch (error) {
    problem ??= `cleaning up: ${describeError(error)}`
  }
  const left = await leftovers.remaining(context.sys)
  if (left.length > 0) problem ??= `left behind: ${left.join(', ')}`
  if (problem === undefined && refusal !== undefined) return result('skip', `this kernel refuses: ${refusal}`)
  return problem === undefined ? result('pass') : result('fail', problem)
}

async function steps(scenario: Scenario, run: ScenarioRun, found: Findings): Promise<void> {
  const t = run.functions
  await scenario.prepare?.(t)
  run.object = load(scenario, run)
  const links = attach(scenario, run.object, t)
  for (const link of links) run.defer(() => link.close())
  found.interface = [...new Set(links.map(link => link.interface))].join(', ') || undefined

  const effect = effectOf(scenario, run.object, t)
  const before = effect?.()
  await scenario.stimulate?.(t)
  if (effect !== undefined && before !== undefined && scenario.stimulate !== undefined && links.length > 0)
    await until('what was done has an effect', () => effect() > before)
  await scenario.check?.(t)
  for (const link of [...links].reverse()) link.close()
  if (effect !== undefined && scenario.stimulate !== undefined && links.length > 0) await staysQuiet(scenario, effect, t)
  await scenario.checkDetached?.(t)
}

function load(scenario: Scenario, run: ScenarioRun): LoadedObject | undefined {
  if (scenario.object === undefined) return undefined
  const object = run.functions.open(scenario.object)
  if (scenario.programs !== undefined) object.only(...scenario.programs)
  for (const [variable, value] of Object.entries(scenario.set ?? {})) object.set(variable, value)
  if (object.spec.variables.some(({ name }) => name === 'harness_pid')) object.set('harness_pid', process.pid)
  const loaded = object.load()
  run.defer(() => loaded.close())
  return loaded
}

function attach({ attach: wanted }: Scenario, object: LoadedObject | undefined, t: ScenarioContext): readonly Link[] {
  if (typeof wanted === 'function') return [wanted(t)].flat()
  if (object === undefined) return []
  if (wanted === undefined) return object.attach().links
  return Object.entries(wanted).map(([program, target]) => {
    const { to, options = {} } = typeof target === 'string' ? { to: target } : target
    const texts = Object.fromEntries(Object.entries(options).map(([name, value]) => [name, String(value)]))
    return attachTo(t.attachContext, object.program(program), to, texts)
  })
}

/** What the scenario says, or the variable `runs` that programs made for the harness have. */
function effectOf({ effect }: Scenario, object: LoadedObject | undefined, t: ScenarioContext): (() => number | bigint) | undefined {
  if (effect !== undefined) return () => effect(t)
  if (object === undefined || !object.hasVariable('runs')) return undefined
  return () => {
    const runs = object.variable('runs').get()
    return typeof runs === 'bigint' ? runs : Number(runs)
  }
}

/** Some hooks let go a moment after they were told. */
async function staysQuiet({ stimulate }: Scenario, effect: () => number | bigint, t: ScenarioContext): Promise<void> {
  await until('nothing happens once it is detached', async () => {
    const before = effect()
    await stimulate?.(t)
    return effect() === before
  })
}

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const hint = error instanceof BpfError && error.hint !== undefined ? `\n${error.hint}` : ''
  // What the verifier said is all there is to say.
  const isWhole = error instanceof VerifierError
  const cause = error.cause instanceof Error && !isWhole ? `\n${error.cause.message.split('\n')[0]}` : ''
  const where = error instanceof BpfError ? '' : `\n${error.stack?.split('\n')[1]?.trim() ?? ''}`
  return `${error.message}${hint}${cause}${where}`
}

/** EPERM, though we are root: some hosts do not let their kernel be patched, whatever its configuration says. */
function isRefusal(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) if (isSyscallError(cause, Errno.EPERM)) return true
  return false
}
