import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { testFunction } from '../testing/test-spec'
import { linkProgram } from './link'

/** Links functions given as name → names they call, in order; one slot a call and one for the end. */
function link(calls: Readonly<Record<string, readonly string[]>>, entry = 'main', extra: readonly string[] = []) {
  const functions = Object.entries(calls).map(([name, callees]) =>
    testFunction(name, [...callees.map(callee => `call ${callee}`), 'exit'].join('\n')),
  )
  const linked = linkProgram(entry, new Map(functions.map(fn => [fn.name, fn])), extra)
  return Object.fromEntries(linked.functions.map(({ spec, slot }) => [spec.name, slot]))
}

describe('linkProgram', () => {
  it('puts a function behind its first caller, and before the next one that the caller calls', () => {
    const calls = { main: ['a', 'b'], a: ['deep'], b: [], deep: [], unused: [] }
    expect(link(calls)).toEqual({ main: 0, a: 3, deep: 5, b: 6 })
  })

  it('puts shared functions once', () => {
    expect(link({ main: ['a', 'c', 'a'], a: ['b'], b: [], c: ['b'] })).toEqual({ main: 0, a: 4, b: 6, c: 7 })
  })

  it('orders the same functions differently for another program', () => {
    const calls = { first: ['a'], second: ['c'], a: ['b'], b: [], c: ['b'] }
    expect(Object.keys(link(calls, 'first'))).toEqual(['first', 'a', 'b'])
    expect(Object.keys(link(calls, 'second'))).toEqual(['second', 'c', 'b'])
  })

  it('ends with functions that call each other', () => {
    expect(link({ main: ['a'], a: ['b'], b: ['a', 'main'] })).toEqual({ main: 0, a: 2, b: 4 })
  })

  it('puts what nothing refers to behind all others, with what that calls', () => {
    expect(link({ main: ['a'], a: [], handler: ['b', 'a'], b: [] }, 'main', ['handler'])).toEqual({ main: 0, a: 2, handler: 3, b: 6 })
    expect(link({ main: ['handler'], handler: [] }, 'main', ['handler'])).toEqual({ main: 0, handler: 2 })
  })

  it('follows addresses as it follows calls', () => {
    const functions = [testFunction('main', 'r1 = callback ll\nexit'), testFunction('callback', 'exit')]
    expect(linkProgram('main', new Map(functions.map(fn => [fn.name, fn]))).slots.get('callback')).toBe(3)
  })

  it('takes a chain of calls as long as the object', () => {
    const chain = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`f${index}`, [`f${index + 1}`]]))
    expect(Object.keys(link({ ...chain, f20000: [] }, 'f0'))).toHaveLength(20_001)
  })

  it('refuses functions that do not exist', () => {
    expect(() => link({ main: ['missing'] })).toThrow('there is no function "missing"')
    expect(() => link({ main: [] }, 'other')).toThrow(expect.objectContaining({ code: 'ERR_BPF_PLAN_FUNCTION' }))
  })

  it('refuses calls into the middle of a function', () => {
    const inside = { kind: 'function' as const, function: 'a', offset: 8, address: false }
    const functions = [testFunction('main', 'call a', { a: inside }), testFunction('a', 'exit\nexit')]
    expect(() => linkProgram('main', new Map(functions.map(fn => [fn.name, fn])))).toThrow('refers to byte 8 of "a"')
  })

  it('leaves no gap and places each function once, whatever calls what', () => {
    const graph = fc.array(fc.array(fc.nat({ max: 9 }), { maxLength: 6 }), { minLength: 10, maxLength: 10 })
    fc.assert(
      fc.property(graph, callees => {
        const calls = Object.fromEntries(callees.map((list, index) => [`f${index}`, list.map(callee => `f${callee}`)]))
        let end = 0
        for (const [name, slot] of Object.entries(link(calls, 'f0'))) {
          expect(slot).toBe(end)
          end = slot + (calls[name]?.length ?? 0) + 1
        }
      }),
    )
  })
})
