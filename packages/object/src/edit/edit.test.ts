import { beforeEach, describe, expect, it } from 'vitest'
import { MapType } from '../constants/map-type'
import { newMap } from '../new-map'
import { ObjectError } from '../object-error'
import { readObject } from '../read/read-object'
import type { ObjectSpec } from '../spec'
import { TestBtf } from '../testing/build-btf'
import { buildObject, object } from '../testing/build-object'
import { functionOf, readSpec } from '../testing/read-fixture'
import { cloneSpec } from './clone-spec'
import { getMap, getProgram, getVariable } from './find'
import { renameMap, replaceMap } from './maps'
import { dropProgram, renameProgram, retarget } from './programs'
import { resizeDataSection } from './resize-data-section'
import { getVariableValue, setVariable } from './variables'

let globals: ObjectSpec
let maps: ObjectSpec
let structOps: ObjectSpec
beforeEach(async () => {
  globals = await readSpec('checks/globals')
  maps = await readSpec('object/maps')
  structOps = await readSpec('object/struct-ops')
})

const refusal = (text: string) => expect.objectContaining({ code: 'ERR_BPF_OBJECT_EDIT', message: expect.stringContaining(text) })

describe('finding by name', () => {
  it('finds', () => {
    expect(getMap(maps, 'typed').type).toBe(MapType.Hash)
    expect(getProgram(maps, 'tail').section).toBe('tc')
    expect(getVariable(globals, 'counter').map).toBe('.data')
  })

  it.each<[what: string, find: () => unknown, hint: string]>([
    ['there is no map "typd" in this object', () => getMap(maps, 'typd'), 'typed'],
    ['there is no program "tial" in this object', () => getProgram(maps, 'tial'), 'tail'],
    ['there is no variable "a_u3" in this object', () => getVariable(globals, 'a_u3'), 'a_u32'],
  ])('%s', (message, find, hint) => {
    expect(find).toThrow(expect.objectContaining({ code: 'ERR_BPF_OBJECT_NO_SUCH', message, hint: expect.stringContaining(hint) }))
    expect(find).toThrow(ObjectError)
  })
})

describe('variables', () => {
  it.each([
    ['a_bool', true, false],
    ['an_s8', -8, 127],
    ['an_s64', -6400000000n, 5n],
    ['a_colour', 'GREEN', 'BLUE'],
    ['a_text', 'initial', 'changed'],
    ['an_array', [1, 2, 3, 4], [5, 6, 7, 8]],
    ['moved', { x: 10, y: 20, info: { flags: 0, label: '' } }, { x: 1, y: 2, info: { flags: 3, label: 'there' } }],
    ['runs', 0n, 17n],
    ['in_own_rodata', 22, 23],
    ['only_in_this_file', 77, 78],
  ])('%s can be read and set', (name, initial, changed) => {
    expect(getVariableValue(globals, name)).toEqual(initial)
    setVariable(globals, name, changed)
    expect(getVariableValue(globals, name)).toEqual(changed)
  })

  it('of .bss get their bytes when the first is set', () => {
    setVariable(globals, 'seen_u32', 7)
    expect(getMap(globals, '.bss').contents).toHaveLength(getMap(globals, '.bss').valueSize)
    expect(getVariableValue(globals, 'runs')).toBe(0n)
  })

  it('of an arena are in its bytes', async () => {
    const arena = await readSpec('object/arena')
    setVariable(arena, 'table', [9n, 8n, 7n, 6n])
    expect(getVariableValue(arena, 'table')).toEqual([9n, 8n, 7n, 6n])
    expect(getVariableValue(arena, 'shared')).toBe(5)
  })

  it('keep their value when the new one does not fit', () => {
    expect(() => setVariable(globals, 'moved', { x: 5, y: 2 ** 40 })).toThrow('moved.y')
    expect(getVariableValue(globals, 'moved')).toMatchObject({ x: 10, y: 20 })
  })

  it('have no type without BTF', async () => {
    const spec = await readSpec('object/data-no-btf')
    expect(() => setVariable(spec, 'initialised', 1)).toThrow(refusal('variable "initialised" has no type'))
  })

  it('cannot be outside of a section that the caller made smaller', () => {
    getMap(globals, '.data').contents = new Uint8Array(2)
    expect(() => setVariable(globals, 'counter', 1)).toThrow(expect.objectContaining({ code: 'ERR_BPF_BOUNDS' }))
  })
})

describe('variables that a header claims to be huge', () => {
  it('are neither read nor set: nothing stands behind so many zeros', () => {
    const size = 0x4000_0000
    const btf = new TestBtf()
    const int = btf.int('int', 4)
    const [small, huge] = [btf.variable('small', int), btf.variable('huge', btf.array(int, size / 4))]
    const variables = [
      { type: small, offset: 0, size: 4 },
      { type: huge, offset: 4, size },
    ]
    btf.add({ kind: 'datasec', name: '.bss', size: 0, variables })
    const symbols = [object('small', '.bss', 0, 4), object('huge', '.bss', 4, size)]
    const spec = readObject(buildObject({ sections: { '.bss': { size: size + 4 } }, symbols, btf: btf.toBytes() }))
    expect(getVariableValue(spec, 'small')).toBe(0)
    expect(() => getVariableValue(spec, 'huge')).toThrow(refusal(`variable "huge" has ${size} bytes of zeros`))
    expect(() => setVariable(spec, 'small', 1)).toThrow(refusal(`section .bss has ${size + 4} bytes of zeros`))
  })
})

describe('data sections', () => {
  it('grow with their last array', async () => {
    const spec = await readSpec('object/data')
    resizeDataSection(spec, '.data.growing', 20)
    expect(getMap(spec, '.data.growing').valueSize).toBe(20)
    expect(getVariable(spec, 'growing').size).toBe(20)
    expect(getVariableValue(spec, 'growing')).toEqual([21, 22, 23, 0, 0])
    setVariable(spec, 'growing', [1, 2, 3, 4, 5])
    resizeDataSection(spec, '.data.growing', 8)
    expect(getVariableValue(spec, 'growing')).toEqual([1, 2])
  })

  it('keep their contents', async () => {
    const spec = await readSpec('object/data-no-btf')
    resizeDataSection(spec, '.data', 64)
    const { contents, valueSize } = getMap(spec, '.data')
    expect(valueSize).toBe(64)
    expect(contents).toHaveLength(64)
    expect(contents?.slice(0, 12)).toEqual(new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0]))
  })

  it.each([
    ['.data.growing', 15, 'that leaves 15 bytes for its last variable "growing", no whole number of elements'],
    ['.data.growing', 0, '0 bytes are no possible size'],
    ['.data.growing', 2 ** 32, 'no possible size'],
    ['.data', 400, 'its last variable "count_again.calls" is no array'],
  ])('%s cannot have %i bytes: %s', async (name, size, cause) => {
    const spec = await readSpec('object/data')
    expect(() => resizeDataSection(spec, name, size)).toThrow(refusal(cause))
  })

  it('are no other maps', () => {
    expect(() => resizeDataSection(maps, 'typed', 4)).toThrow(refusal('it is no data section'))
  })
})

describe('maps', () => {
  it('are renamed everywhere', () => {
    renameMap(maps, 'inner_map', 'first')
    renameMap(maps, 'typed', 'table')
    expect(getMap(maps, 'outer').slots.map(({ name }) => name)).toEqual(['first', 'first'])
    expect(functionOf(maps, 'use').references).toMatchObject([{ map: 'table' }, { map: 'programs' }])
    renameMap(globals, '.data', 'state')
    expect(getVariable(globals, 'counter').map).toBe('state')
    renameMap(structOps, 'plain', 'fancy')
    expect(structOps.structOps[0]?.map).toBe('fancy')
  })

  it('cannot take a name that is in use', () => {
    expect(() => renameMap(maps, 'typed', 'sized')).toThrow(refusal('there is a map "sized"'))
    expect(() => renameMap(maps, 'typed', 'typed')).not.toThrow()
  })

  it('are replaced by others under their name', () => {
    replaceMap(maps, 'typed', newMap('mine', { type: MapType.LruHash, keySize: 8, valueSize: 8, maxEntries: 10 }))
    expect(getMap(maps, 'typed')).toMatchObject({ type: MapType.LruHash, origin: { kind: 'caller' } })
    expect(maps.maps.some(({ name }) => name === 'mine')).toBe(false)
  })
})

describe('programs', () => {
  it('are dropped with what names them', () => {
    dropProgram(maps, 'tail')
    expect(maps.programs.map(({ name }) => name)).toEqual(['use'])
    expect(getMap(maps, 'programs').slots).toEqual([])
    dropProgram(structOps, 'undo_cwnd')
    expect(structOps.structOps[0]?.programs.map(({ program }) => program)).toEqual(['ssthresh'])
  })

  it('are renamed with what names them', () => {
    renameProgram(maps, 'tail', 'second')
    expect(getMap(maps, 'programs').slots).toMatchObject([{ name: 'second' }])
    expect(getProgram(maps, 'second').function).toBe('tail')
    renameProgram(structOps, 'ssthresh', 'threshold')
    expect(structOps.structOps[1]?.programs).toMatchObject([{ member: 'ssthresh', program: 'threshold' }])
    expect(() => renameProgram(maps, 'second', 'use')).toThrow(refusal('there is a program "use"'))
  })

  it('are retargeted, if their section names a target', async () => {
    const spec = await readSpec('object/functions')
    retarget(spec, 'callbacks', 'vfs_write')
    expect(getProgram(spec, 'callbacks').attachTarget).toBe('vfs_write')
    expect(() => retarget(spec, 'entry', 'eth0')).toThrow(refusal('section tc names no target'))
  })
})

describe('a clone', () => {
  it('can be changed on its own', () => {
    const untouched = JSON.stringify(maps, stringify)
    const clone = cloneSpec(maps)
    expect(JSON.stringify(clone, stringify)).toBe(untouched)
    renameMap(clone, 'inner_map', 'first')
    dropProgram(clone, 'tail')
    getMap(clone, 'outer').maxEntries = 1
    expect(JSON.stringify(maps, stringify)).toBe(untouched)
  })

  it('has variables of its own', () => {
    const clone = cloneSpec(globals)
    setVariable(clone, 'counter', 5)
    resizeDataSection(clone, '.bss', getMap(clone, '.bss').valueSize + 4)
    expect(getVariableValue(globals, 'counter')).toBe(100)
    expect(getVariable(globals, 'seen_text').size).toBe(16)
  })
})

/** BTF is shared, 64-bit numbers have no JSON. */
function stringify(key: string, value: unknown): unknown {
  return key === 'btf' || key === 'btfExt' ? undefined : typeof value === 'bigint' ? String(value) : value
}
