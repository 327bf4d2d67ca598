import { describe, expect, it } from 'vitest'
import { MapFlag } from '../constants/flags'
import { MapType } from '../constants/map-type'
import { newMap } from '../new-map'
import type { MapPlan } from '../plan-types'
import type { MapOrigin, MapSpec, ObjectSpec } from '../spec'
import { buildBtf } from '../testing/build-btf'
import { testFunction, testObject, testProgram } from '../testing/test-spec'
import { type TestTargetOptions, testTarget } from '../testing/test-target'
import { dataMapKernelName, kernelName } from './map-name'
import { ringSize } from './map-size'
import { plan } from './plan'

const { btf, ids } = buildBtf(b => {
  const int = b.int('int', 4, { signed: true })
  const variable = b.variable('numbers', b.array(int, 4))
  const datasec = b.add({ kind: 'datasec', name: '.data.mine', size: 16, variables: [{ type: variable, offset: 0, size: 16 }] })
  return { int, datasec }
})

function maps(list: readonly MapSpec[], target: TestTargetOptions = {}, parts: Partial<ObjectSpec> = {}): readonly MapPlan[] {
  return plan(testObject({ name: 'my_object_name', maps: [...list], btf, ...parts }), testTarget(undefined, target)).maps
}

function only(map: MapSpec, target?: TestTargetOptions, parts?: Partial<ObjectSpec>): MapPlan {
  const [planned] = maps([map], target, parts)
  if (planned === undefined) throw new Error('not created')
  return planned
}

const data = (section: string, access: 'readWrite' | 'readOnly' | 'kconfig'): MapOrigin => ({ kind: 'data', section, access })

describe('kernel names', () => {
  it.each([
    ['.data', 'my_objec.data'],
    ['.bss', 'my_objec.bss'],
    ['.rodata', 'my_objec.rodata'],
    ['.kconfig', 'my_obje.kconfig'],
    ['.rodata.mine', '.rodata.mine'],
    ['.rodata.abracadabra', '.rodata.abracad'],
  ])('of %s is %s', (section, name) => {
    expect(dataMapKernelName('my_object_name', section)).toBe(name)
  })

  it('have no more than 15 characters, none of which is odd', () => {
    expect(kernelName('a_very_long_map_name')).toBe('a_very_long_map')
    expect(kernelName('a-b c')).toBe('a_b_c')
    expect(dataMapKernelName('x-y', '.bss')).toBe('x_y.bss')
  })

  it('can be chosen, and are left out where the kernel takes none', () => {
    expect(only(newMap('events')).kernelName).toBe('events')
    expect(only(newMap('events', { kernelName: 'other' })).kernelName).toBe('other')
    expect(only(newMap('events'), { features: { programName: false } }).kernelName).toBe('')
  })
})

describe('sizes', () => {
  it.each([
    [0, 0],
    [1, 4096],
    [4096, 4096],
    [4097, 8192],
    [3 * 4096, 4 * 4096],
    [0x8000_0000, 0x8000_0000],
    [0x8000_0001, 0x8000_0001],
  ])('a ring of %i bytes becomes %i', (bytes, rounded) => {
    expect(ringSize(bytes, 4096)).toBe(rounded)
  })

  it('of both kinds of rings are rounded, others are not', () => {
    for (const type of [MapType.Ringbuf, MapType.UserRingbuf])
      expect(only(newMap('ring', { type, maxEntries: 5000 })).maxEntries).toBe(8192)
    expect(only(newMap('hash', { type: MapType.Hash, maxEntries: 5000 })).maxEntries).toBe(5000)
  })

  it('of perf event arrays default to the number of CPUs', () => {
    const array = newMap('events', { type: MapType.PerfEventArray })
    expect(only(array, { possibleCpus: 12 }).maxEntries).toBe(12)
    expect(only({ ...array, maxEntries: 3 }, { possibleCpus: 12 }).maxEntries).toBe(3)
    expect(only(newMap('outer', { type: MapType.HashOfMaps, inner: array }), { possibleCpus: 12 }).inner?.maxEntries).toBe(12)
  })
})

describe('BTF ids', () => {
  const typed = { keyTypeId: ids.int, valueTypeId: ids.int }

  it('are given where the kernel takes them', () => {
    expect(only(newMap('hash', { type: MapType.Hash, ...typed }))).toMatchObject(typed)
  })

  it.each([
    'PerfEventArray',
    'CgroupArray',
    'StackTrace',
    'ArrayOfMaps',
    'Devmap',
    'DevmapHash',
    'Cpumap',
    'Xskmap',
    'Sockmap',
    'Sockhash',
    'Queue',
    'Stack',
    'Arena',
  ] as const)('are left out for %s', type => {
    expect(only(newMap('map', { type: MapType[type], ...typed }))).toMatchObject({ keyTypeId: 0, valueTypeId: 0 })
  })

  it('are left out without BTF', () => {
    expect(only(newMap('hash', { type: MapType.Hash, ...typed }), { features: { btf: false } })).toMatchObject({
      keyTypeId: 0,
      valueTypeId: 0,
    })
  })
})

describe('data sections', () => {
  const section = (access: 'readWrite' | 'readOnly', parts: Partial<MapSpec> = {}) =>
    newMap('.data.mine', { type: MapType.Array, keySize: 4, valueSize: 16, maxEntries: 1, origin: data('.data.mine', access), ...parts })

  it('are written, and frozen when they are read-only', () => {
    const contents = Uint8Array.from({ length: 16 }, (_, index) => index)
    expect(only(section('readWrite', { contents }))).toMatchObject({ contents, freeze: false, flags: 0 })
    expect(only(section('readOnly', { contents }))).toMatchObject({ contents, freeze: true, flags: MapFlag.RdonlyProg })
  })

  it('are not written when nothing is set', () => {
    expect(only(section('readWrite')).contents).toBeUndefined()
  })

  it('can be mapped only where the kernel allows it', () => {
    const mappable = section('readWrite', { flags: MapFlag.Mmapable })
    expect(only(mappable).flags).toBe(MapFlag.Mmapable)
    expect(only(mappable, { features: { arrayMmap: false } }).flags).toBe(0)
  })

  it('grow with zeros, and their type with them', () => {
    const grown = only(section('readWrite', { valueSize: 24, valueTypeId: ids.datasec, contents: new Uint8Array(16).fill(1) }))
    expect(grown.contents).toEqual(Uint8Array.from([...Array(16).fill(1), ...Array(8).fill(0)]))
    expect(grown.valueTypeId).toBe(ids.datasec)
  })

  it('go without a type when it cannot grow', () => {
    expect(only(section('readWrite', { valueSize: 18, valueTypeId: ids.datasec })).valueTypeId).toBe(0)
  })

  it('are not created on kernels without global data', () => {
    expect(maps([section('readWrite'), newMap('hash')], { features: { globalData: false } }).map(map => map.name)).toEqual(['hash'])
  })

  it('that are read-only are bound to every program', () => {
    const spec = testObject({
      maps: [section('readOnly'), { ...section('readOnly'), name: 'absent', autoCreate: false }, newMap('hash')],
      programs: [testProgram('main')],
      functions: [testFunction('main', 'exit')],
    })
    expect(plan(spec, testTarget(undefined)).programs[0]).toMatchObject({ bindMaps: ['.data.mine'] })
  })
})

describe('arenas', () => {
  const arena = newMap('arena', { type: MapType.Arena, maxEntries: 10, contents: new Uint8Array(5000) })
  const spec = testObject({
    maps: [arena],
    programs: [testProgram('main')],
    functions: [testFunction('main', 'r1 = x ll\nexit', { x: { kind: 'mapValue', map: 'arena', offset: 16 } })],
  })
  const offsetIn = (largeMapValueOffset: boolean) => {
    const { programs, maps } = plan(spec, testTarget(undefined, { features: { largeMapValueOffset } }))
    const [program] = programs
    const code = program?.error === undefined && program !== undefined ? program.code : new Uint8Array(16)
    return { contentsOffset: maps[0]?.contentsOffset, imm: new DataView(code.buffer).getInt32(12, true) }
  }

  it('have their variables at the end, in whole pages', () => {
    expect(offsetIn(true)).toEqual({ contentsOffset: 8 * 4096, imm: 8 * 4096 + 16 })
  })

  it('or at the start on kernels that know only small offsets', () => {
    expect(offsetIn(false)).toEqual({ contentsOffset: 0, imm: 16 })
  })
})

describe('initial slots', () => {
  const inner = newMap('inner')
  const outer = newMap('outer', { type: MapType.ArrayOfMaps, slots: [{ index: 1, kind: 'map', name: 'inner' }] })
  const tails = newMap('tails', { type: MapType.ProgArray, slots: [{ index: 2, kind: 'program', name: 'main' }] })
  const functions = [testFunction('main', 'exit')]

  it('are those of the definition', () => {
    const spec = testObject({ maps: [inner, outer, tails], programs: [testProgram('main')], functions })
    expect(plan(spec, testTarget(undefined)).maps.map(map => map.slots)).toEqual([[], tails.slots, outer.slots])
  })

  it('stay empty for what is not loaded, which is said', () => {
    const programs = [testProgram('main', { autoLoad: false })]
    const spec = testObject({ maps: [{ ...inner, autoCreate: false }, outer, tails], programs, functions })
    const { maps: planned, warnings } = plan(spec, testTarget(undefined))
    expect(planned.map(map => map.slots)).toEqual([[], []])
    expect(warnings).toEqual([
      'map "tails": slot 2 stays empty, program "main" is not loaded',
      'map "outer": slot 1 stays empty, map "inner" is not loaded',
    ])
  })
})

describe('the order of creation', () => {
  it('puts maps before those that hold them', () => {
    const outer = newMap('outer', { type: MapType.ArrayOfMaps, slots: [{ index: 0, kind: 'map', name: 'inner' }] })
    const tails = newMap('tails', { type: MapType.ProgArray, slots: [{ index: 0, kind: 'program', name: 'main' }] })
    expect(maps([outer, tails, newMap('inner')]).map(map => map.name)).toEqual(['tails', 'inner', 'outer'])
  })

  it('leaves out what is not wanted', () => {
    expect(maps([newMap('a', { autoCreate: false }), newMap('b')]).map(map => map.name)).toEqual(['b'])
  })
})
