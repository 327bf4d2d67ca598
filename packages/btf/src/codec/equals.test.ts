import { expect, it } from 'vitest'
import { equals } from './equals'

it.each<[unknown, unknown]>([
  [1, 1],
  [Number.NaN, Number.NaN],
  [2n ** 64n, 2n ** 64n],
  [
    [1, [2]],
    [1, [2]],
  ],
  [Uint8Array.of(1, 2), Uint8Array.of(1, 2)],
  [{ a: { b: 'x' } }, { a: { b: 'x' } }],
])('%o is the same as %o', (a, b) => {
  expect(equals(a, b)).toBe(true)
})

it.each<[unknown, unknown]>([
  [1, 1n],
  [0, -0],
  [[1], [1, 2]],
  [[1], Uint8Array.of(1)],
  [Uint8Array.of(1, 2), Uint8Array.of(1, 3)],
  [{ a: 1 }, { a: 1, b: 2 }],
  [{ toString: 1 }, {}],
  [null, {}],
])('%o is not the same as %o', (a, b) => {
  expect(equals(a, b)).toBe(false)
  expect(equals(b, a)).toBe(false)
})
