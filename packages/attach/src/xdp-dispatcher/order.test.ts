import { describe, expect, it } from 'vitest'
import { compareDispatched, type Ordered } from './order'

const loaded = (tag: number, loadTime: bigint) => ({ tag: Uint8Array.of(tag), loadTime })
const program = (name: string, priority: number, there?: Ordered['loaded']): Ordered => ({ name, priority, loaded: there })

describe('programs behind a dispatcher', () => {
  it.each<[string, Ordered, Ordered]>([
    ['priority', program('b', 10), program('a', 20)],
    ['name, by bytes', program('B', 10), program('a', 10)],
    ['being there before those to come', program('a', 10, loaded(9, 9n)), program('a', 10)],
    ['tag', program('a', 10, loaded(1, 9n)), program('a', 10, loaded(2, 1n))],
    ['time of loading', program('a', 10, loaded(1, 1n)), program('a', 10, loaded(1, 2n))],
  ])('run by %s', (_, first, second) => {
    expect([second, first].sort(compareDispatched)).toEqual([first, second])
    expect(compareDispatched(first, first)).toBe(0)
  })
})
