import type { Scenario } from './types'

/** Defines a scenario: `export default scenario({ … })`, or several as named exports. */
export function scenario(definition: Scenario): Scenario {
  return definition
}
