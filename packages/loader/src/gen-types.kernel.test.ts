import { readFixture } from '@bpf/fixtures'
import { genTypes } from '@bpf/object'
import { expect, it } from 'vitest'
import { open } from './open'
import { isRoot } from './testing/kernel'

it.skipIf(!isRoot)('generated types name the handles that the loader gives (needs root)', async () => {
  const bytes = await readFixture('features/map-kinds.o')
  using object = open(bytes, { name: 'map-kinds' }).only('use_maps').load()
  const text = genTypes(open(bytes).spec, { object: { kind: 'beside', path: './map-kinds.o' } })
  const handles = Object.fromEntries(
    [...object.maps].map(([name, map]) => [name, map.constructor.name]).filter(([name]) => !name?.startsWith('.')),
  )
  const named = Object.fromEntries(
    [...text.matchAll(/^ {4}readonly (\w+): ([A-Z]\w+Map|MapHandle|MapOfMaps|BloomFilter|LocalStorage)\b/gm)].map(m => [m[1], m[2]]),
  )
  expect(Object.keys(handles).length).toBeGreaterThan(10)
  expect(named).toEqual(handles)
})
