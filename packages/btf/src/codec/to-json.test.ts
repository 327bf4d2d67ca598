import { expect, it } from 'vitest'
import { toJson } from './to-json'

it('makes decoded values fit for JSON.stringify', () => {
  const value = {
    cgroup: 2n ** 63n,
    comm: 'ab\udcff',
    address: Uint8Array.of(10, 0, 0, 1),
    load: [0.5, Number.NaN, Number.POSITIVE_INFINITY],
    nested: { ok: true, none: undefined },
  }
  expect(toJson(value)).toStrictEqual({
    cgroup: '9223372036854775808',
    comm: 'ab\ufffd',
    address: [10, 0, 0, 1],
    load: [0.5, 'NaN', 'Infinity'],
    nested: { ok: true, none: null },
  })
})

it('keeps a field called __proto__ a field', () => {
  expect(JSON.stringify(toJson(JSON.parse('{"__proto__":{"a":1}}')))).toBe('{"__proto__":{"a":1}}')
})
