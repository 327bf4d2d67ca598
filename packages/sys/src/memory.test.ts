import { expect, it } from 'vitest'
import { Errno } from './errno'
import { MapMemory, mapMemory, Prot } from './memory'
import { createSys } from './sys'
import { FakeNative } from './testing/fake-native'

it('maps over nothing while it cannot be read what is there', () => {
  const native = new FakeNative(({ name }) => (name === 'mmap' ? { errno: Errno.EEXIST } : 0))
  // As where no descriptor is left to open /proc/self/maps.
  const sys = createSys({ native, readText: () => undefined })
  const flags = MapMemory.Shared | MapMemory.FixedNoreplace
  expect(() => mapMemory(sys, { length: 4096, prot: Prot.Read, flags, address: 1n << 32n })).toThrow('mmap failed with EEXIST')
  expect(native.calls.map(({ name, args }) => [name, args[3]])).toEqual([['mmap', flags]])
})
