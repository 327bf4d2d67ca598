import { attachFreplace, type LinkInterface } from '@bpf/attach'
import type { FeatureName } from '../scenario/features'
import type { Scenario, ScenarioContext } from '../scenario/types'

/** What `target` returns; its function `verdict` says 1, the replacement 2. */
const answer = (t: ScenarioContext) => t.program('target').run({ data: new Uint8Array(64) }).returnValue

function expectAnswer(t: ScenarioContext, expected: number): void {
  const got = answer(t)
  if (got !== expected) throw new Error(`the program returned ${got}, expected ${expected}`)
}

const ways: readonly (readonly [LinkInterface, FeatureName[]])[] = [
  ['bpf link', ['tracing link']],
  ['raw_tracepoint_open', ['freplace']],
]

const freplace = (name: string, features: readonly FeatureName[], interfaces?: readonly LinkInterface[]): Scenario => ({
  name,
  family: 'freplace',
  object: 'freplace.o',
  programs: ['target'],
  requires: { features },
  attach(t) {
    const target = t.program('target')
    const replacement = t
      .open('freplace.o')
      .only('replacement')
      .load({ programs: { replacement: { targetProgram: target.fd } } })
    t.defer(() => replacement.close())
    return attachFreplace(t.attachContext, replacement.program('replacement'), interfaces === undefined ? {} : { interfaces })
  },
  check: t => expectAnswer(t, 2),
  checkDetached: t => t.until('the function is itself again', () => answer(t) === 1),
})

/** A replacement goes also to a program that it was not loaded for, if that has such a function. */
const ofAnother: Scenario = {
  name: 'freplace in another program',
  family: 'freplace',
  object: 'freplace.o',
  programs: ['target'],
  requires: { features: ['freplace', 'freplace link'] },
  attach(t) {
    const first = t.open('freplace.o').only('target').load()
    t.defer(() => first.close())
    const replacement = t
      .open('freplace.o')
      .only('replacement')
      .load({ programs: { replacement: { targetProgram: first.program('target').fd } } })
    t.defer(() => replacement.close())
    return attachFreplace(t.attachContext, replacement.program('replacement'), { program: t.program('target'), function: 'verdict' })
  },
  check: t => expectAnswer(t, 2),
  checkDetached: t => t.until('the function is itself again', () => answer(t) === 1),
}

export const freplaceScenarios: readonly Scenario[] = [
  freplace('freplace', ['freplace']),
  ofAnother,
  ...ways.map(([via, features]) => freplace(`freplace by ${via}`, ['freplace', ...features], [via])),
]
