import { describe, expect, it } from 'vitest'
import { parsePerfEvent, perfEventNames } from './event-names'

describe('a perf event', () => {
  it.each([
    ['cpu-clock', { type: 1, config: 0 }],
    ['cs', { type: 1, config: 3 }],
    ['cycles', { type: 0, config: 0 }],
    ['branch-misses', { type: 0, config: 5 }],
    ['L1-dcache-loads', { type: 3, config: 0 }],
    ['LLC-load-misses', { type: 3, config: 0x10002 }],
    ['dTLB-stores', { type: 3, config: 0x103 }],
    ['node-prefetches', { type: 3, config: 0x206 }],
    ['r01c2', { type: 4, config: 0x1c2n }],
    ['mem:0x1000', { type: 5, config: 0, bpType: 3, config1: 0x1000n, config2: 4 }],
    ['mem:0x1000/8:w', { type: 5, config: 0, bpType: 2, config1: 0x1000n, config2: 8 }],
    ['mem:0x1000:x', { type: 5, config: 0, bpType: 4, config1: 0x1000n, config2: 8 }],
  ])('%s', (name, event) => {
    expect(parsePerfEvent(name)).toEqual(event)
  })

  it.each(['', 'clock', 'L9-loads', 'toString', 'mem:', 'mem:0x10/3', 'rxyz'])('%j is none', name => {
    expect(parsePerfEvent(name)).toBeUndefined()
  })

  it('has a name that can be parsed', () => {
    for (const name of perfEventNames) expect(parsePerfEvent(name), name).toBeDefined()
  })
})
