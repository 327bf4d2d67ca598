import { deepEqual } from 'node:assert/strict'
import { BpfError } from '@bpf/bytes'
import { createContext, type LoadOptions, open } from '@bpf/loader'
import { getResourceLimit, ResourceLimit, setResourceLimit, unlimited } from '@bpf/sys'
import type { Scenario, ScenarioContext } from '../scenario/types'

const file = 'loading.o'
/** What processes may lock unless somebody said otherwise, for most of the time there was such a limit. Bytes. */
const usual = 1n << 16n

/** With the limit at `soft`: loads 8 MiB of map, and returns the limit then. What is known of the kernel is found out under it. */
function loadUnder(t: ScenarioContext, soft: bigint, options: LoadOptions = {}): bigint {
  const { sys } = t.attachContext
  const before = setResourceLimit(sys, ResourceLimit.Memlock, { soft, hard: unlimited })
  try {
    using object = open(t.file(file), { context: createContext() }).load(options)
    object.program('count').run()
    deepEqual(object.map('large', 'keyed').get((1 << 20) - 1), 1n)
    return getResourceLimit(sys, ResourceLimit.Memlock).soft
  } finally {
    setResourceLimit(sys, ResourceLimit.Memlock, before)
  }
}

/** Before 5.11 the kernel counts maps and programs as locked memory. Afterwards the limit is nobody's business. */
export const memoryLimitScenarios: readonly Scenario[] = [
  {
    name: 'maps larger than the limit of locked memory',
    family: 'load',
    files: [file],
    check(t) {
      const expected = t.attachContext.kernel.has('memcgAccounting') === true ? [usual, 0n] : [unlimited, unlimited]
      deepEqual([loadUnder(t, usual), loadUnder(t, 0n)], expected)
    },
  },
  {
    name: 'the limit of locked memory, left alone',
    family: 'load',
    files: [file],
    check(t) {
      const loadAsItIs = () => loadUnder(t, usual, { raiseMemlock: false })
      if (t.attachContext.kernel.has('memcgAccounting') === true) return deepEqual(loadAsItIs(), usual)
      try {
        loadAsItIs()
      } catch (error) {
        if (!(error instanceof BpfError)) throw error
        deepEqual([error.code, /RLIMIT_MEMLOCK: raise it/.test(error.hint ?? '')], ['ERR_BPF_PERMISSION', true])
        return
      }
      throw new Error('8 MiB were locked by a process that may lock 64 KiB')
    },
  },
]
