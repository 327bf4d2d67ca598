import { readFileSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { BpfError } from '@bpf/bytes'
import { readObject } from '@bpf/object'
import type { Scenario } from '../scenario/types'
import { bundledScenarios } from '../scenarios'
import type { Job, ScenarioSource } from './job'
import { scenariosOfObject } from './object-scenarios'
import { statisticsScenario } from './statistics-scenario'

export interface FoundScenario {
  readonly scenario: Scenario
  /** Path of a file of the scenario. */
  locate(file: string): string
}

/** A module does not export scenarios. */
export class ScenarioError extends BpfError {
  override readonly name = 'ScenarioError'

  constructor(message: string, hint?: string) {
    super('ERR_BPF_SCENARIO', message, hint === undefined ? {} : { hint })
  }
}

export type ImportModule = (url: string) => Promise<unknown>

/** @throws ScenarioError, what a module throws when it is imported */
export async function loadScenarios(
  { sources, only, root }: Pick<Job, 'sources' | 'only' | 'root'>,
  importModule: ImportModule = url => import(url),
): Promise<readonly FoundScenario[]> {
  const loaded = (await Promise.all(sources.map(source => loadSource(source, importModule)))).flat()
  const found = loaded.map(({ scenario, base }) => ({
    scenario,
    locate: (file: string) => (isAbsolute(file) ? join(root, file) : resolve(base, file)),
  }))
  if (only.length === 0) return found
  return found.filter(({ scenario: { name, family } }) => only.some(text => name.includes(text) || family.includes(text)))
}

/** Scenarios, and the directory that their files are relative to. */
async function loadSource(
  source: ScenarioSource,
  importModule: ImportModule,
): Promise<readonly { readonly scenario: Scenario; readonly base: string }[]> {
  switch (source.kind) {
    case 'bundled':
      return bundledScenarios.map(scenario => ({ scenario, base: source.objects }))
    case 'module': {
      const scenarios = scenariosOf(source.path, (await importModule(pathToFileURL(source.path).href)) as Record<string, unknown>)
      return scenarios.map(scenario => ({ scenario, base: source.base }))
    }
    case 'statistics':
      return [{ scenario: statisticsScenario(basename(source.path)), base: dirname(source.path) }]
    case 'object': {
      const spec = readObject(readFileSync(source.path), { name: source.name })
      return scenariosOfObject(spec, basename(source.path)).map(scenario => ({ scenario, base: dirname(source.path) }))
    }
  }
}

/** Everything exported that is a scenario, or a list of them. */
function scenariosOf(path: string, module: Readonly<Record<string, unknown>>): readonly Scenario[] {
  const scenarios = Object.values(module).flat().filter(isScenario)
  if (scenarios.length > 0) return scenarios
  throw new ScenarioError(`${path} exports no scenario`, "export default scenario({ … }), with scenario of '@bpf/test-harness'")
}

function isScenario(value: unknown): value is Scenario {
  return typeof value === 'object' && value !== null && 'name' in value && 'family' in value
}
