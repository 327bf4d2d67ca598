import { MapType, openFile } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { u32 } from '../codec/scalars'
import { MapError } from '../errors'
import { createContext } from '../testing/context'
import { ArenaMap } from './arena-map'
import { BloomFilter } from './bloom-filter'
import { BpfMap } from './bpf-map'
import { PerfEventArrayMap, RingbufMap, UserRingbufMap } from './buffer-maps'
import { DescriptorMap, DescriptorSlots } from './descriptor-map'
import { LocalStorage } from './local-storage'
import { MapHandle } from './map-handle'
import { MapOfMaps } from './map-of-maps'
import { openMap } from './open'
import { PerCpuMap } from './per-cpu-map'
import { QueueMap } from './queue-map'
import { StructOpsMap } from './struct-ops-map'

const context = createContext()

/** What a call that no compiler looked at throws; no call reaches the kernel. */
function refusal(type: number, operation: string | symbol): MapError {
  const shape = { type, name: 'jobs', keySize: 4, valueSize: 4, maxEntries: 4096, flags: 0, mapExtra: undefined }
  using map = openMap(context, { fd: openFile(context.sys, '/dev/null', 0), shape, key: u32, value: u32 })
  const call = Reflect.get(map, operation)
  try {
    call.call(map, 1, 2)
  } catch (error) {
    if (error instanceof MapError) return error
    throw error
  }
  throw new Error('it was done')
}

describe('an operation that maps of this type do not have', () => {
  it.each([
    ['Queue', 'get', 'map "jobs": a queue has no get()', 'it has push, pop, peek, drain'],
    ['Queue', 'set', 'map "jobs": a queue has no set()', 'it has push, pop, peek, drain'],
    ['Stack', 'delete', 'map "jobs": a stack has no delete()', 'it has push, pop, peek, drain'],
    ['Stack', Symbol.iterator, 'map "jobs": a stack cannot be iterated', 'it has push, pop, peek, drain'],
    ['BloomFilter', 'keys', 'map "jobs": a bloom_filter has no keys()', 'it has has, add'],
    ['Ringbuf', 'entries', 'map "jobs": a ringbuf has no entries()', 'it has open'],
    ['ProgArray', 'get', 'map "jobs": a prog_array has no get()', 'it has has, set, delete, keys, entries, id'],
    ['TaskStorage', Symbol.iterator, 'map "jobs": a task_storage cannot be iterated', 'it has get, set, delete'],
    ['Hash', 'push', 'map "jobs": a hash has no push()', expect.stringContaining('it has get, bytes, has, set, delete')],
    ['Arena', 'keys', 'map "jobs": an arena has no keys()', 'it has get, set, offsetOf, view, read, write'],
  ] as const)('%s: %s', (type, operation, message, hint) => {
    expect(refusal(MapType[type], operation)).toMatchObject({ code: 'ERR_BPF_MAP_OPERATION', map: 'jobs', message, hint })
  })
})

it('every method of every kind is known', () => {
  const classes = [ArenaMap, BloomFilter, PerfEventArrayMap, RingbufMap, UserRingbufMap, DescriptorMap, DescriptorSlots, LocalStorage]
  const all = [...classes, MapHandle, MapOfMaps, PerCpuMap, QueueMap, StructOpsMap]
  const common = new Set<string | symbol>(Reflect.ownKeys(BpfMap.prototype))
  const methods = all.flatMap(({ prototype }) =>
    Reflect.ownKeys(prototype).filter(key => typeof Reflect.getOwnPropertyDescriptor(prototype, key)?.value === 'function'),
  )
  expect(methods.filter(name => !common.has(name))).toEqual([])
})
