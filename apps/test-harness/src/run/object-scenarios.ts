import { readFileSync } from 'node:fs'
import type { ObjectSpec } from '@bpf/object'
import type { Scenario, ScenarioContext } from '../scenario/types'

/** Of an object about which nothing is known: each program by itself is loaded, attached if its section says where, and detached. */
export function scenariosOfObject(spec: ObjectSpec, file: string): readonly Scenario[] {
  return spec.programs.map(({ name, section }) => ({
    name: `${spec.name}: ${name}`,
    family: familyOf(section),
    object: file,
    programs: [name],
    attach: t => attachIfKnown(t, name),
    check: doSomeOfEverything,
  }))
}

function familyOf(section: string): string {
  return section.replace(/^\?/, '').split('/')[0] ?? section
}

function attachIfKnown(t: ScenarioContext, name: string) {
  const result = t.program(name).attach()
  return result.kind === 'attached' ? result.link : []
}

/** What most programs wait for: files, processes, timers. Whether they saw it is for a scenario to say. */
function doSomeOfEverything(t: ScenarioContext): void {
  readFileSync('/proc/self/comm')
  t.run('true')
}
