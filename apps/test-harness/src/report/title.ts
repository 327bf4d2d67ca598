import type { Result } from '../results'

/** What was asked, in one line: the program is named unless the scenario's name ends with it. */
export function titleOf({ scenario, program }: Pick<Result, 'scenario' | 'program'>): string {
  return program === '' || scenario.endsWith(program) ? scenario : `${scenario}: ${program}`
}
