import type { Scenario } from '../scenario/types'
import { measureObject } from '../statistics/measure'

/** Measures what verifying each program of an object takes, wherever the scenario runs. */
export function statisticsScenario(file: string): Scenario {
  return {
    name: file,
    family: 'veristat',
    files: [file],
    check: t => t.report(measureObject(t.open(file), file)),
  }
}
