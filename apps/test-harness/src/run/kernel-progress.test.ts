import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../results'
import { KernelProgress } from './kernel-progress'
import type { FoundScenario } from './load-scenarios'

const scenarios: readonly FoundScenario[] = ['a', 'b', 'c'].map(name => ({ scenario: { name, family: 'test' }, locate: file => file }))

function progress() {
  const events: RunEvent[] = []
  return { progress: new KernelProgress('6.1', scenarios, event => events.push(event)), events }
}
const pass = (index: number) => {
  const scenario = scenarios[index]?.scenario.name ?? ''
  const result = {
    kernel: '6.1',
    scenario,
    family: 'test',
    program: '',
    status: 'pass',
    interface: undefined,
    reason: undefined,
    ms: 1,
  } as const
  return { kind: 'result', index, result } as const
}
const ended = { runsOn: 'emulated', error: undefined, console: undefined } as const

describe('progress of a kernel', () => {
  it('goes on behind the scenario that took it down', () => {
    const { progress: one, events } = progress()
    one.boot()
    one.take({ kind: 'hello', release: '6.1.0', count: 3 })
    one.take(pass(0))
    one.take({ kind: 'start', index: 1, scenario: 'b', family: 'test' })
    one.crash('Kernel panic - not syncing: oops')
    expect(one.next).toBe(2)
    expect(events.at(-1)).toMatchObject({
      kind: 'result',
      result: { scenario: 'b', status: 'fail', reason: expect.stringContaining('oops') },
    })
    one.boot()
    one.take({ kind: 'hello', release: '6.1.0', count: 3 })
    one.take(pass(2))
    one.take({ kind: 'done' })
    expect(one.end(ended)).toMatchObject({ release: '6.1.0', error: undefined, crashes: ['Kernel panic - not syncing: oops'] })
  })

  it('tells boots that came to nothing from crashes on the way', () => {
    const { progress: one } = progress()
    one.boot()
    one.crash('no sign of life')
    expect([one.cameUp, one.crashesInARow(false), one.crashesInARow(true)]).toEqual([false, 1, 0])
  })

  it('is an error when scenarios are left over', () => {
    const { progress: one } = progress()
    one.boot()
    one.take(pass(0))
    expect(one.end(ended).error).toBe('2 scenarios were not run')
  })
})
