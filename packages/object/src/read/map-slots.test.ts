import { describe, expect, it } from 'vitest'
import { MapType } from '../constants/map-type'
import { TestBtf } from '../testing/build-btf'
import { buildObject, code, func, object } from '../testing/build-object'
import { readObject } from './read-object'

/** `struct { …; values[] } outer SEC(".maps") = { .values = { … } }` of 32 bytes behind a map `inner`: `values` begins at 24 + 8. */
function withRelocation(type: number, relocation: { at: number; symbol: string }, keySize = 4): Uint8Array {
  const btf = new TestBtf()
  const u32 = btf.int('u32', 4)
  const number = (value: number) => btf.ptr(btf.array(u32, value))
  const inner = btf.struct('', 8, ['type', number(MapType.Array), 0])
  const pointee = type === MapType.ProgArray ? btf.proto(u32) : inner
  const values = type === MapType.Hash ? [] : ([['values', btf.array(btf.ptr(pointee), 0), 8]] as const)
  const outer = btf.struct('', 8, ['type', number(type), 0], ['key_size', number(keySize), 0], ...values)
  const variables = [
    { type: btf.variable('inner', inner), offset: 0, size: 24 },
    { type: btf.variable('outer', outer), offset: 0, size: 40 },
  ]
  btf.add({ kind: 'datasec', name: '.maps', size: 0, variables })
  return buildObject({
    sections: {
      tc: code('r0 = 0\nexit'),
      '.text': code('r0 = 0\nexit'),
      '.maps': { bytes: new Uint8Array(64), relocations: [{ ...relocation, type: 2 }] },
    },
    symbols: [
      func('program', 'tc', 0, 16),
      func('helper', '.text', 0, 16),
      object('inner', '.maps', 0, 24),
      object('outer', '.maps', 24, 40),
    ],
    btf: btf.toBytes(),
  })
}

describe('initial slots', () => {
  it.each([
    [MapType.ArrayOfMaps, 32, 0],
    [MapType.HashOfMaps, 48, 2],
  ])('of map type %i at byte %i: slot %i', (type, at, index) => {
    const [, outer] = readObject(withRelocation(type, { at, symbol: 'inner' })).maps
    expect(outer?.slots).toEqual([{ index, kind: 'map', name: 'inner' }])
  })

  it('of program arrays name programs', () => {
    const [, outer] = readObject(withRelocation(MapType.ProgArray, { at: 40, symbol: 'program' })).maps
    expect(outer?.slots).toEqual([{ index: 1, kind: 'program', name: 'program' }])
  })

  it.each<[cause: string, bytes: () => Uint8Array]>([
    ['initial value at section .maps+0x3c: there is no map here', () => withRelocation(MapType.ArrayOfMaps, { at: 60, symbol: 'inner' })],
    ['only attribute `values` can be initialised', () => withRelocation(MapType.Hash, { at: 32, symbol: 'inner' })],
    ['it is not at an element of `values`', () => withRelocation(MapType.ArrayOfMaps, { at: 24, symbol: 'inner' })],
    ['it is not at an element of `values`', () => withRelocation(MapType.ArrayOfMaps, { at: 36, symbol: 'inner' })],
    ['"program" is no map of section .maps', () => withRelocation(MapType.ArrayOfMaps, { at: 32, symbol: 'program' })],
    ['"helper" is no program that can be called by itself', () => withRelocation(MapType.ProgArray, { at: 32, symbol: 'helper' })],
    ['slots need keys of 4 bytes, these have 8', () => withRelocation(MapType.HashOfMaps, { at: 32, symbol: 'inner' }, 8)],
    ['symbol 65536 is not defined', () => withRelocation(MapType.ArrayOfMaps, { at: 32, symbol: 'no such symbol' })],
  ])('%s', (cause, bytes) => {
    expect(() => readObject(bytes())).toThrow(
      expect.objectContaining({ code: 'ERR_BPF_OBJECT_MAP_SLOT', section: '.maps', message: expect.stringContaining(cause) }),
    )
  })
})
