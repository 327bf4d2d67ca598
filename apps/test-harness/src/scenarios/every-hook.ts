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
