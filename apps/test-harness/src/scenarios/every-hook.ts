import { type CountingProgram, type CountingProgramOptions, countingProgram } from '@bpf/attach/testing'
import type { Scenario, ScenarioContext } from '../scenario/types'

/** A program of `every-hook.o`, which has one for each hook and counts in `runs`. */
export function onHook(program: string, scenario: Omit<Scenario, 'object' | 'programs'>): Scenario {
  return { ...scenario, object: 'every-hook.o', programs: [program] }
}

/** Things that a scenario prepares and its later steps use, by run. */
export function prepared<T>(make: (t: ScenarioContext) => T): { prepare(t: ScenarioContext): void; of(t: ScenarioContext): T } {
  const things = new WeakMap<ScenarioContext, T>()
  return {
    prepare: t => void things.set(t, make(t)),
    of(t) {
      const thing = things.get(t)
      if (thing === undefined) throw new Error('the scenario is not prepared')
      return thing
    },
  }
}

/** A program that counts its runs, of no object, for scenarios that need several, or options of loading. Gone at the end. */
export function counting(t: ScenarioContext, options: CountingProgramOptions): CountingProgram {
  const program = countingProgram(t.attachContext.sys, options)
  t.defer(() => program[Symbol.dispose]())
  return program
}
