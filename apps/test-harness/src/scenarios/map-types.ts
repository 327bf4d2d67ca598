import { deepEqual } from 'node:assert/strict'
import type { Scenario } from '../scenario/types'

/** Packets whose lengths, without their Ethernet header, are 0, 1, 2, 3 modulo 4. */
const packets = [66, 67, 64, 65].map(size => new Uint8Array(size))
const length = 50

/** Map types that are too new for the kernel that most tests run on. */
export const mapTypeScenarios: readonly Scenario[] = [
  {
    name: 'indirect jumps through a table',
    family: 'map type',
    object: 'indirect-jump.o',
    requires: { features: ['indirect jump'] },
    attach: () => [],
    check(t) {
      const switchOn = t.program('switch_on')
      deepEqual(
        packets.map(data => switchOn.run({ data }).returnValue),
        [10, 20, 30, 10],
      )
      const places = [...t.object.map('.jumptables/switch_on/table', 'keyed').values()] as { originalOffset: number; jitedOffset: number }[]
      deepEqual(
        places.map(({ originalOffset }) => originalOffset),
        [8, 10, 12, 8],
      )
      deepEqual(new Set(places.map(({ jitedOffset }) => jitedOffset)).size, 3)
    },
  },
  {
    name: 'hash map that grows',
    family: 'map type',
    object: 'resizable-hash.o',
    requires: { features: ['resizable hash'] },
    attach: () => [],
    check(t) {
      const lengths = t.object.map('lengths', 'keyed')
      for (const data of [...packets, ...packets]) t.program('count').run({ data })
      deepEqual([lengths.get(length), lengths.get(length + 4), [...lengths].length], [2n, undefined, 4])
      deepEqual([lengths.set(length, 7n), lengths.set(length, 8n, 'create'), lengths.lookupAndDelete(length)], [true, false, 7n])
      lengths.setMany(Array.from({ length: 900 }, (_, key) => [key, BigInt(key)]))
      deepEqual(
        [...lengths.batches()].reduce((sum, { count }) => sum + count, 0),
        900,
      )
      // Deleting while it is walked through: nothing is missed.
      const seen = [...lengths.keys()].filter(key => lengths.delete(key))
      deepEqual([new Set(seen).size, [...lengths].length], [900, 0])
    },
  },
]
