import { describe, expect, it } from 'vitest'
import { MapType } from '../constants/map-type'
import { TestBtf } from '../testing/build-btf'
import { buildObject, object } from '../testing/build-object'
import { functionOf, readSpec } from '../testing/read-fixture'
import { readObject } from './read-object'

describe('arena', () => {
  it('holds the global variables of its section', async () => {
    const spec = await readSpec('object/arena')
    const [arena] = spec.maps
    expect(arena).toMatchObject({ name: 'arena', type: MapType.Arena, maxEntries: 2 })
    expect(arena?.contents).toHaveLength(40)
    expect(spec.variables).toMatchObject([
      { name: 'shared', map: 'arena', offset: 0, size: 4 },
      { name: 'table', map: 'arena', offset: 8, size: 32 },
    ])
    expect(functionOf(spec, 'use').references).toMatchObject([
      { kind: 'map', map: 'arena' },
      { kind: 'mapValue', map: 'arena', offset: 0 },
      { kind: 'mapValue', map: 'arena', offset: 8 },
    ])
  })

  /** Arenas by their number of pages, and the size of the variables in them. */
  function withArenas(pages: readonly number[], variables: number): Uint8Array {
    const btf = new TestBtf()
    const number = (value: number) => btf.ptr(btf.array(btf.int('int', 4), value))
    const arenas = pages.map((count, index) => {
      const type = btf.struct('', 8, ['type', number(MapType.Arena), 0], ['max_entries', number(count), 0])
      return { type: btf.variable(`arena${index}`, type), offset: index * 8, size: 8 }
    })
    btf.add({ kind: 'datasec', name: '.maps', size: 16, variables: arenas })
    return buildObject({
      sections: { '.maps': { bytes: new Uint8Array(16) }, '.addr_space.1': { bytes: new Uint8Array(variables) } },
      symbols: [object('variable', '.addr_space.1', 0, variables)],
      btf: btf.toBytes(),
    })
  }

  it.each<[cause: string, bytes: Uint8Array]>([
    ['maps "arena0" and "arena1" are both arenas', withArenas([1, 1], 8)],
    ['section .addr_space.1 has arena variables, but no map of .maps is an arena', withArenas([], 8)],
    ['arena "arena0" (1 pages) is too small for the 70000 bytes', withArenas([1], 70_000)],
  ])('%s', (cause, bytes) => {
    expect(() => readObject(bytes)).toThrow(
      expect.objectContaining({ code: 'ERR_BPF_OBJECT_ARENA', message: expect.stringContaining(cause) }),
    )
  })

  it('needs no variables', () => {
    expect(readObject(withArenas([1], 0)).maps).toMatchObject([{ name: 'arena0', contents: undefined }])
  })
})
