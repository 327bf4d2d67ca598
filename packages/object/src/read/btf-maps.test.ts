import { beforeAll, describe, expect, it } from 'vitest'
import { MapFlag } from '../constants/flags'
import { MapType } from '../constants/map-type'
import type { MapSpec, ObjectSpec } from '../spec'
import { TestBtf } from '../testing/build-btf'
import { buildObject, object } from '../testing/build-object'
import { readSpec } from '../testing/read-fixture'
import { readObject } from './read-object'

describe.each(['object/maps', 'object/maps-be', 'object/maps-clang14'])('maps of %s', fixture => {
  let spec: ObjectSpec
  const map = (name: string): MapSpec | undefined => spec.maps.find(map => map.name === name)
  beforeAll(async () => {
    spec = await readSpec(fixture)
  })

  it('are in the order of their places in the section', () => {
    const initialised = ['inner_map', 'outer', 'programs']
    const others = ['typed', 'sized', 'sized_and_typed', 'pinned', 'pinned_elsewhere', 'bloom', 'arena', 'perf', 'ring']
    expect(spec.maps.map(({ name }) => name).toSorted()).toEqual([...initialised, ...others].toSorted())
  })

  it('have types of key and value', () => {
    expect(map('typed')).toMatchObject({
      type: MapType.Hash,
      keySize: 8,
      valueSize: 8,
      maxEntries: 64,
      flags: MapFlag.NoPrealloc,
      numaNode: 1,
      origin: { kind: 'btf' },
    })
    const { keyTypeId = 0, valueTypeId = 0 } = map('typed') ?? {}
    expect(spec.btf?.type(keyTypeId)).toMatchObject({ kind: 'struct', name: 'pair' })
    expect(spec.btf?.type(valueTypeId)).toMatchObject({ kind: 'typedef', name: 'u64' })
  })

  it('have sizes only, or both', () => {
    expect(map('sized')).toMatchObject({ type: MapType.LruHash, keySize: 6, valueSize: 40, maxEntries: 3, keyTypeId: 0, valueTypeId: 0 })
    expect(map('sized_and_typed')).toMatchObject({ keySize: 4, valueSize: 24 })
  })

  it('are pinned by name or in a way that only their owner knows', () => {
    expect(map('pinned')?.pinning).toBe('byName')
    expect(map('pinned_elsewhere')?.pinning).toBe(5)
    expect(map('typed')?.pinning).toBe('none')
  })

  it('leave to the plan what depends on the machine', () => {
    expect(map('perf')).toMatchObject({ type: MapType.PerfEventArray, maxEntries: 0 })
    expect(map('ring')).toMatchObject({ type: MapType.Ringbuf, maxEntries: 5000 })
  })

  it('carry extra data', () => {
    expect(map('bloom')).toMatchObject({ type: MapType.BloomFilter, keySize: 0, valueSize: 8, mapExtra: 3n })
    // Enums of 64 bits are younger than clang 14, which cut this to 0.
    expect(map('arena')).toMatchObject({ type: MapType.Arena, mapExtra: fixture.endsWith('clang14') ? 0n : 1n << 44n })
  })

  it('hold maps', () => {
    expect(map('outer')).toMatchObject({
      type: MapType.ArrayOfMaps,
      valueSize: 4,
      maxEntries: 8,
      inner: { name: 'outer.inner', type: MapType.Array, keySize: 4, valueSize: 8, maxEntries: 1 },
      slots: [
        { index: 1, kind: 'map', name: 'inner_map' },
        { index: 5, kind: 'map', name: 'inner_map' },
      ],
    })
  })

  it('hold programs', () => {
    expect(map('programs')).toMatchObject({ type: MapType.ProgArray, valueSize: 4, slots: [{ index: 2, kind: 'program', name: 'tail' }] })
  })
})

describe('section .maps', () => {
  /** An object with a variable in `.maps`. */
  function withVariable(define: (btf: TestBtf) => void, symbols = [object('events', '.maps', 0, 16)]) {
    const btf = new TestBtf()
    define(btf)
    return buildObject({ sections: { '.maps': { bytes: new Uint8Array(16) } }, symbols, btf: btf.toBytes() })
  }

  /** `struct { int (*type)[1]; } NAME SEC(".maps")`, and what is wrong with it. */
  function variable(btf: TestBtf, parts: { name?: string; linkage?: 'static' | 'global' | 'extern'; size?: number; offset?: number } = {}) {
    const { name = 'events', linkage = 'global', size = 16, offset = 0 } = parts
    const number = btf.ptr(btf.array(btf.int('int', 4), MapType.Hash))
    const type = btf.variable(name, btf.struct('', 8, ['type', number, 0]), linkage)
    btf.add({ kind: 'datasec', name: '.maps', size: parts.offset === undefined ? 0 : 16, variables: [{ type, offset, size }] })
  }

  it('is read from the types of its variables', () => {
    expect(readObject(withVariable(variable)).maps).toMatchObject([{ name: 'events', type: MapType.Hash }])
  })

  it.each<[cause: string, define: (btf: TestBtf) => void]>([
    ['BTF has no DATASEC .maps', btf => btf.int('int', 4)],
    ['a map in section .maps has no name', btf => variable(btf, { name: '', offset: 0 })],
    ['map "events" is static, but maps must be global', btf => variable(btf, { linkage: 'static' })],
    ['map "events" is defined in another object', btf => variable(btf, { linkage: 'extern' })],
    ['map "missing" is in BTF, but the object has no symbol of that name', btf => variable(btf, { name: 'missing' })],
    ['map "events" (24 bytes at 0x0) is past the end of section .maps', btf => variable(btf, { size: 24 })],
    ['map "events" has 4 bytes, less than its struct (8)', btf => variable(btf, { size: 4 })],
    [
      'DATASEC .maps lists type 2, which is no variable',
      btf => {
        const type = btf.func('events', btf.proto(0))
        btf.add({ kind: 'datasec', name: '.maps', size: 0, variables: [{ type, offset: 0, size: 0 }] })
      },
    ],
    [
      'map "events" is defined by a type of kind int, not by a struct',
      btf => {
        const type = btf.variable('events', btf.int('int', 4))
        btf.add({ kind: 'datasec', name: '.maps', size: 0, variables: [{ type, offset: 0, size: 16 }] })
      },
    ],
  ])('%s', (cause, define) => {
    expect(() => readObject(withVariable(define))).toThrow(
      expect.objectContaining({ code: 'ERR_BPF_OBJECT_MAP', section: '.maps', message: expect.stringContaining(cause) }),
    )
  })

  it('refuses two maps of one name', () => {
    const bytes = withVariable(btf => {
      const number = btf.ptr(btf.array(btf.int('int', 4), MapType.Hash))
      const definition = btf.struct('', 8, ['type', number, 0])
      const variables = [0, 8].map(offset => ({ type: btf.variable('events', definition), offset, size: 8 }))
      btf.add({ kind: 'datasec', name: '.maps', size: 16, variables })
    })
    expect(() => readObject(bytes)).toThrow('there are two maps "events"')
  })

  it('goes by symbols: the linker of libbpf leaves maps at 0 that were declared before they were defined', () => {
    const at = (offset: number) => withVariable(btf => variable(btf, { offset: 0, size: 8 }), [object('events', '.maps', offset, 8)])
    expect(readObject(at(8)).maps).toHaveLength(1)
    expect(() => readObject(at(12))).toThrow('map "events" (8 bytes at 0xc) is past the end of section .maps')
  })
})
