import { readFixture } from '@bpf/fixtures'
import { linkObjects } from '@bpf/object'
import { describe, expect, it } from 'vitest'
import { open } from './open'
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
  const { openFixture, context } = kernelTest()

  for (const [path, names] of Object.entries(programs)) {
    for (const name of names) {
      it(`${path}: ${name}`, async () => {
        using object = (await openFixture(path)).load()
        expect(object.program(name).run().returnValue).toBe(0)
      })
    }
  }

  it.each([
    ['main', 'library'],
    ['main-plain', 'library-plain'],
  ])('two objects linked into one: %s, %s', async (...names) => {
    const objects = await Promise.all(names.map(async name => ({ name: `${name}.o`, bytes: await readFixture(`link/${name}.o`) })))
    using object = open(linkObjects(objects), { name: 'linked', context }).load()
    expect(object.program('run').run().returnValue).toBe(0)
    expect(object.program('run_library').run().returnValue).toBe(0)
  })

  it('a program finds the line of what went wrong', async () => {
    using object = (await openFixture('checks/globals.o')).set('an_s8', 7).load()
    expect(object.program('initial_values').run().returnValue).toBeGreaterThan(0)
  })
})
