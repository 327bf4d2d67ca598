import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { createSys, getResourceLimit, ResourceLimit, setResourceLimit } from './index'

const sys = createSys()

it('limits are read and set as /proc shows them', () => {
  const before = getResourceLimit(sys, ResourceLimit.Nofile)
  const fewer = { ...before, soft: before.soft - 1n }
  expect(setResourceLimit(sys, ResourceLimit.Nofile, fewer)).toEqual(before)
  expect(getResourceLimit(sys, ResourceLimit.Nofile)).toEqual(fewer)
  expect(readFileSync('/proc/self/limits', 'utf8')).toMatch(new RegExp(`^Max open files +${fewer.soft} +${fewer.hard} `, 'm'))
  setResourceLimit(sys, ResourceLimit.Nofile, before)
})
