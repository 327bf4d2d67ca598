import { describe, expect, it } from 'vitest'
import { isRoot, kernelTest } from './testing/kernel'

/** Each of these programs returns 0, or the line of its source where it found something wrong. */
const programs = {
  'checks/globals.o': ['initial_values'],
  'checks/subprograms.o': ['call_functions', 'call_functions_again'],
  'checks/callbacks.o': ['for_each_element', 'loop'],
  'checks/map-in-map.o': ['look_inside'],
  'checks/tail-calls.o': ['entry'],
} as const

describe.skipIf(!isRoot)('programs that check themselves (needs root)', () => {
  const { openFixture } = kernelTest()

  for (const [path, names] of Object.entries(programs)) {
    for (const name of names) {
      it(`${path}: ${name}`, async () => {
        using object = (await openFixture(path)).load()
        expect(object.program(name).run().returnValue).toBe(0)
      })
    }
  }

  it('a program finds the line of what went wrong', async () => {
    using object = (await openFixture('checks/globals.o')).set('an_s8', 7).load()
    expect(object.program('initial_values').run().returnValue).toBeGreaterThan(0)
  })
})
