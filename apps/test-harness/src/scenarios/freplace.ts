import { attachFreplace, type LinkInterface } from '@bpf/attach'
import type { LoadedProgram } from '@bpf/loader'
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

function loadReplacement(t: ScenarioContext, target: LoadedProgram): LoadedProgram {
  const replacement = t
    .open('freplace.o')
    .only('replacement')
    .load({ programs: { replacement: { targetProgram: target.fd } } })
  t.defer(() => replacement.close())
  return replacement.program('replacement')
}

const freplace = (name: string, features: readonly FeatureName[], interfaces?: readonly LinkInterface[]): Scenario => ({
  name,
  family: 'freplace',
  object: 'freplace.o',
  programs: ['target'],
  requires: { features },
  attach(t) {
    const replacement = loadReplacement(t, t.program('target'))
    return attachFreplace(t.attachContext, replacement, interfaces === undefined ? {} : { interfaces })
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
    const replacement = loadReplacement(t, first.program('target'))
    return attachFreplace(t.attachContext, replacement, { program: t.program('target'), function: 'verdict' })
  },
  check: t => expectAnswer(t, 2),
  checkDetached: t => t.until('the function is itself again', () => answer(t) === 1),
}

/** What replaces a function has no attachment to ask: the link alone tells the cookie, since 6.17. */
const withCookie: Scenario = {
  ...freplace('freplace with a cookie', ['freplace', 'tracing link']),
  attach(t) {
    const link = attachFreplace(t.attachContext, loadReplacement(t, t.program('target')), { cookie: 7n })
    const info = link.info()
    const told = info?.kind === 'tracing' ? info.cookie : undefined
    const expected = t.attachContext.kernel.kernelVersion >= 0x061100 ? 7n : 0n
    if (told === expected) return link
    link.close()
    throw new Error(`the link tells cookie ${told}, expected ${expected}`)
  },
}

export const freplaceScenarios: readonly Scenario[] = [
  freplace('freplace', ['freplace']),
  ofAnother,
  withCookie,
  ...ways.map(([via, features]) => freplace(`freplace by ${via}`, ['freplace', ...features], [via])),
]
