import { describe, expect, it } from 'vitest'
import { Graves, without } from './graves'

const range = (start: number, end: number) => ({ start: BigInt(start), end: BigInt(end) })

describe('without', () => {
  it.each([
    ['before', range(0, 5), [range(10, 20)]],
    ['the beginning', range(5, 12), [range(12, 20)]],
    ['the middle', range(12, 15), [range(10, 12), range(15, 20)]],
    ['the end', range(15, 25), [range(10, 15)]],
    ['everything', range(10, 20), []],
  ])('%s', (_, cut, left) => {
    expect(without([range(10, 20)], cut)).toEqual(left)
  })
})

describe('Graves', () => {
  it('may be mapped over, but nothing else may', () => {
    const graves = new Graves()
    graves.add(new ArrayBuffer(1), range(10, 20), () => {})
    graves.add(new ArrayBuffer(1), range(20, 30), () => {})
    const taken = [range(0, 5), range(10, 30), range(40, 50)]
    expect(graves.isOnlyInTheWay(range(8, 35), taken)).toBe(true)
    expect(graves.isOnlyInTheWay(range(25, 41), taken)).toBe(false)
    graves.yield(range(15, 25))
    expect(graves.isOnlyInTheWay(range(10, 15), taken)).toBe(true)
    expect(graves.isOnlyInTheWay(range(10, 16), taken)).toBe(false)
  })
})
