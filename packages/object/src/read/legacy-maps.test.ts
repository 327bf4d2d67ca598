import { describe, expect, it } from 'vitest'
import { MapFlag } from '../constants/flags'
import { MapType } from '../constants/map-type'
import { buildObject, code, func, object, words } from '../testing/build-object'
import { brief, functionOf, readSpec } from '../testing/read-fixture'
import { readObject } from './read-object'

const array = { type: MapType.Array, keySize: 4, valueSize: 8 }
const hash = { type: MapType.Hash, keySize: 4, valueSize: 8 }

describe('legacy map definitions', () => {
  it.each(['legacy/map-def-5-fields', 'legacy/map-def-7-fields', 'legacy/map-def-zero-tail'])('%s', async fixture => {
    const { maps } = await readSpec(fixture)
    expect(maps).toMatchObject([
      { name: 'first', ...array, maxEntries: 2, flags: 0, origin: { kind: 'legacy', section: 'maps' } },
      { name: 'second', ...hash, maxEntries: 16, flags: MapFlag.NoPrealloc },
    ])
  })

  it('without flags, as before Linux 4.6, have none', async () => {
    const { maps } = await readSpec('legacy/map-def-4-fields')
    expect(maps).toMatchObject([
      { name: 'first', ...array, maxEntries: 2, flags: 0 },
      { name: 'second', ...hash, maxEntries: 16, flags: 0 },
    ])
  })

  it('are refused when something unknown is set', async () => {
    await expect(readSpec('legacy/map-def-nonzero-tail')).rejects.toMatchObject({
      code: 'ERR_BPF_OBJECT_MAP_TOO_BIG',
      section: 'maps',
      offset: 40 + 20,
      symbol: 'second',
      message: 'map "second": its definition of 40 bytes has non-zero ones after the first 20, whose meaning is unknown',
    })
  })

  it('are in the order of their places; without symbol sizes they share the section evenly', async () => {
    const spec = await readSpec('legacy/no-symbol-sizes')
    expect(spec.maps).toMatchObject([
      { name: 'first', ...array, maxEntries: 1 },
      { name: 'second', ...hash, maxEntries: 16 },
    ])
    const references = functionOf(spec, 'use_maps').references.map(reference => (reference.kind === 'map' ? reference.map : ''))
    expect(references).toEqual(['second', 'first'])
  })

  it('may be static: relocations then name the section', async () => {
    const spec = await readSpec('legacy/static-map')
    expect(spec.maps.map(({ name }) => name)).toEqual(['first', 'second'])
    expect(functionOf(spec, 'use_maps').references).toMatchObject([{ kind: 'map', map: 'second' }])
  })

  it('of the kernel samples name the template of inner maps by its position', async () => {
    const { maps } = await readSpec('legacy/map-in-map')
    expect(maps.map(({ inner }) => inner && { name: inner.name, type: inner.type })).toEqual([
      undefined,
      undefined,
      { name: 'outer.inner', type: MapType.Array },
      { name: 'outer_of_hashes.inner', type: MapType.Hash },
    ])
  })

  it('of other loaders are known too, in sections of any name that ends in maps or begins with maps/', async () => {
    const { maps } = await readSpec('legacy/known-tails')
    const origin = (section: string) => ({ kind: 'legacy', section })
    expect(maps.map(brief)).toMatchObject([
      { name: 'inner', ...array, origin: origin('maps') },
      {
        ...{ name: 'outer', type: MapType.ArrayOfMaps, pinning: 2, inner: { name: 'outer.inner', type: MapType.Array } },
        slots: [{ index: 3, kind: 'map', name: 'inner' }],
      },
      { name: 'old', type: MapType.Hash, maxEntries: 9, pinning: 1, origin: origin('tc/maps') },
      { name: 'on_node', type: MapType.Hash, flags: MapFlag.NumaNode, numaNode: 1, origin: origin('samples/maps') },
      { name: 'events', type: MapType.PerfEventArray, maxEntries: 128, origin: origin('maps/events') },
    ])
  })

  it('get types from a struct ____btf_map_NAME', async () => {
    const { maps, btf } = await readSpec('legacy/annotated')
    const [map] = maps
    expect(btf?.type(map?.keyTypeId ?? 0)).toMatchObject({ kind: 'typedef', name: 'u32' })
    expect(btf?.type(map?.valueTypeId ?? 0)).toMatchObject({ kind: 'struct', name: 'value' })
  })
})

describe('malformed legacy definitions', () => {
  const withMaps = (bytes: Uint8Array, ...symbols: ReturnType<typeof object>[]) =>
    buildObject({ sections: { socket: code('r0 = 0\nexit'), maps: { bytes } }, symbols: [func('f', 'socket', 0, 16), ...symbols] })

  it.each<[cause: string, bytes: Uint8Array]>([
    ['section maps (20 bytes, 0 symbols)', withMaps(words(1, 4, 4, 1, 0))],
    ['section maps (20 bytes, 3 symbols)', withMaps(words(1, 4, 4, 1, 0), ...['a', 'b', 'c'].map(name => object(name, 'maps', 0, 0)))],
    ['section maps (20 bytes, 1 symbols)', withMaps(words(1, 4, 4, 1, 0), object('a', 'maps', 8, 20))],
    ['section maps (12 bytes, 1 symbols)', withMaps(words(1, 4, 4), object('a', 'maps', 0, 12))],
    ['map "a" at section maps+0x0 has no type', withMaps(words(0, 4, 4, 1, 0), object('a', 'maps', 0, 20))],
  ])('%s', (cause, bytes) => {
    expect(() => readObject(bytes)).toThrow(
      expect.objectContaining({ code: 'ERR_BPF_OBJECT_MAP', section: 'maps', message: expect.stringContaining(cause) }),
    )
  })
})
