import { type CompositeType, parseBtf, type TypeId } from '@bpf/btf'
import { describe, expect, it } from 'vitest'
import { MapType } from '../constants/map-type'
import { TestBtf, type TestMember } from '../testing/build-btf'
import { readMapAttributes } from './map-attributes'

/** Builds the struct of a definition from its members and reads it. */
function read(define: (btf: DefinitionBtf) => TestMember[], relaxed = false) {
  const builder = new DefinitionBtf()
  const id = builder.struct('', 64, ...define(builder))
  const btf = parseBtf(builder.toBytes())
  return readMapAttributes(btf, 'events', btf.type(id) as CompositeType, relaxed)
}

/** Declares attributes the way that macros in C headers do. */
class DefinitionBtf extends TestBtf {
  readonly u32 = this.int('u32', 4)

  /** `__uint(name, value)` */
  number(name: string, value: number): TestMember {
    return [name, this.ptr(this.array(this.u32, value)), 0]
  }

  /** `__type(name, type)` */
  typed(name: string, type: TypeId | 0): TestMember {
    return [name, this.ptr(type), 0]
  }

  /** `__array(values, type)` */
  values(pointee: TypeId, length = 0): TestMember {
    return ['values', this.array(this.ptr(pointee), length), 0]
  }
}

const hash = (btf: DefinitionBtf) => btf.number('type', MapType.Hash)

describe('attributes of a map definition', () => {
  it('reads numbers from the length of an array behind a pointer', () => {
    const map = read(btf => [
      hash(btf),
      btf.number('max_entries', 64),
      btf.number('map_flags', 1),
      btf.number('numa_node', 2),
      btf.number('key_size', 6),
      btf.number('value_size', 40),
      btf.number('map_extra', 3),
    ])
    expect(map).toMatchObject({ type: 1, maxEntries: 64, flags: 1, numaNode: 2, keySize: 6, valueSize: 40, mapExtra: 3n })
  })

  it('takes sizes from types', () => {
    const map = read(btf => [hash(btf), btf.typed('key', btf.u32), btf.typed('value', btf.array(btf.u32, 3))])
    expect(map).toMatchObject({ keySize: 4, valueSize: 12 })
    expect(map.keyTypeId).not.toBe(0)
    expect(map.valueTypeId).not.toBe(map.keyTypeId)
  })

  it.each([
    [0, 'none'],
    [1, 'byName'],
    [5, 5],
  ])('pinning %i is %s', (value, pinning) => {
    expect(read(btf => [hash(btf), btf.number('pinning', value)]).pinning).toBe(pinning)
  })

  it('reads 64-bit extras from an enum of one value', () => {
    const map = read(btf => [hash(btf), ['map_extra', btf.enum('', { value: 1n << 44n }, { size: 8 }), 0]])
    expect(map.mapExtra).toBe(1n << 44n)
  })

  it('takes a 32-bit enum for a signed number, as libbpf does', () => {
    const map = read(btf => [hash(btf), ['map_extra', btf.enum('', { value: 0xffff_e000 }), 0]])
    expect(map.mapExtra).toBe(0xffff_ffff_ffff_e000n)
  })

  it('reads the template of inner maps', () => {
    const map = read(btf => {
      const inner = btf.struct('', 16, btf.number('type', MapType.Array), btf.typed('key', btf.u32))
      return [btf.number('type', MapType.HashOfMaps), btf.values(inner)]
    })
    expect(map).toMatchObject({ valueSize: 4, inner: { name: 'events.inner', type: MapType.Array, keySize: 4 } })
  })

  it('takes functions as values of program arrays', () => {
    const map = read(btf => [btf.number('type', MapType.ProgArray), btf.values(btf.proto(btf.u32, btf.ptr(0)))])
    expect(map).toMatchObject({ valueSize: 4, inner: undefined })
  })

  it('passes over unknown attributes if asked to', () => {
    expect(read(btf => [hash(btf), btf.number('colour', 1)], true).type).toBe(MapType.Hash)
  })
})

describe('malformed definitions', () => {
  const mapOfMaps = (btf: DefinitionBtf) => btf.number('type', MapType.ArrayOfMaps)

  it.each<[cause: string, define: (btf: DefinitionBtf) => TestMember[]]>([
    ['map "events" has no type', () => []],
    ['attribute max_entrys: there is no such attribute', btf => [hash(btf), btf.number('max_entrys', 1)]],
    ['attribute constructor: there is no such attribute', btf => [hash(btf), btf.number('constructor', 1)]],
    ['attribute type: it must be a pointer to an array', btf => [['type', btf.u32, 0]]],
    ['attribute type: it must be a pointer to an array', btf => [btf.typed('type', btf.u32)]],
    ['conflicting key sizes, 8 and 4 bytes', btf => [hash(btf), btf.number('key_size', 8), btf.typed('key', btf.u32)]],
    ['conflicting value sizes, 4 and 8 bytes', btf => [hash(btf), btf.typed('value', btf.u32), btf.number('value_size', 8)]],
    ['attribute key: it must be a pointer', btf => [hash(btf), ['key', btf.u32, 0]]],
    ['attribute value: type', btf => [hash(btf), btf.typed('value', btf.fwd('somewhere'))]],
    ['attribute map_extra: its enum must have one value', btf => [hash(btf), ['map_extra', btf.enum('', { a: 1, b: 2 }), 0]]],
    ['attribute values: only maps of maps and program arrays have it', btf => [hash(btf), btf.values(btf.struct('', 0))]],
    ['attribute values: it must be the last', btf => [mapOfMaps(btf), btf.values(btf.struct('', 0)), btf.number('map_flags', 0)]],
    ['attribute values: it must be an array of length 0', btf => [mapOfMaps(btf), btf.values(btf.struct('', 0), 2)]],
    ['attribute values: its elements must be pointers', btf => [mapOfMaps(btf), ['values', btf.array(btf.u32, 0), 0]]],
    ['attribute values: its elements must point to a map definition', btf => [mapOfMaps(btf), btf.values(btf.u32)]],
    ['its elements must point to functions', btf => [btf.number('type', MapType.ProgArray), btf.values(btf.struct('', 0))]],
    [
      'conflicting value sizes, 8 and 4 bytes',
      btf => [mapOfMaps(btf), btf.number('value_size', 8), btf.values(btf.struct('', 8, hash(btf)))],
    ],
    ['an inner map cannot be pinned', btf => [mapOfMaps(btf), btf.values(btf.struct('', 8, hash(btf), btf.number('pinning', 1)))]],
    [
      'an inner map cannot hold maps itself',
      btf => [mapOfMaps(btf), btf.values(btf.struct('', 8, mapOfMaps(btf), btf.values(btf.struct('', 8, hash(btf)))))],
    ],
  ])('%s', (cause, define) => {
    expect(() => read(define)).toThrow(
      expect.objectContaining({
        code: 'ERR_BPF_OBJECT_MAP_ATTRIBUTE',
        symbol: expect.stringMatching(/^events/),
        message: expect.stringContaining(cause),
      }),
    )
  })

  it('suggests the attribute that was meant', () => {
    expect(() => read(btf => [hash(btf), btf.number('max_entrys', 1)])).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('max_entries') }),
    )
  })
})
