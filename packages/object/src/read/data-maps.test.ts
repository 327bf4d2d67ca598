import { SectionFlag } from '@bpf/elf'
import { beforeAll, describe, expect, it } from 'vitest'
import { MapFlag } from '../constants/flags'
import { MapType } from '../constants/map-type'
import type { MapSpec, ObjectSpec } from '../spec'
import { buildObject, code, func, object, words } from '../testing/build-object'
import { functionOf, readSpec } from '../testing/read-fixture'
import { readObject } from './read-object'

const readOnly = MapFlag.RdonlyProg
const mappable = MapFlag.Mmapable

describe.each(['object/data', 'object/data-be', 'object/data-clang14', 'object/data-no-btf'])('data sections of %s', fixture => {
  let spec: ObjectSpec
  const map = (name: string): MapSpec | undefined => spec.maps.find(map => map.name === name)
  const hasBtf = !fixture.endsWith('no-btf')
  beforeAll(async () => {
    spec = await readSpec(fixture)
  })

  it.each([
    ['.data', 36, mappable],
    ['.rodata', 6, readOnly | mappable],
    ['.bss', 401, mappable],
    ['.data.custom', 4, mappable],
    ['.rodata.custom', 4, readOnly | mappable],
    ['.bss.custom', 4, mappable],
    ['.data.private', 4, 0],
    ['.rodata.str1.1', 5, readOnly],
    ['tunables', 4, mappable],
    ['fixed.tunables', 4, readOnly | mappable],
  ])('%s is an array of one value of %i bytes', (name, valueSize, flags) => {
    expect(map(name)).toMatchObject({
      ...{ type: MapType.Array, keySize: 4, valueSize, maxEntries: 1 },
      // Which variables can be seen from outside is known from BTF.
      flags: hasBtf ? flags : flags & ~mappable,
      origin: { kind: 'data', section: name, access: (flags & readOnly) === 0 ? 'readWrite' : 'readOnly' },
    })
  })

  it('that no rule knows are left out unless a program uses them', () => {
    expect(map('unused')).toBeUndefined()
  })

  it('have their bytes, but zeros are not written out', () => {
    expect(map('.rodata.str1.1')?.contents).toEqual(new TextEncoder().encode('text\0'))
    expect(map('.bss')?.contents).toBeUndefined()
  })

  it('have their DATASEC as value type', () => {
    const id = map('.data.custom')?.valueTypeId ?? 0
    if (hasBtf) expect(spec.btf?.type(id)).toMatchObject({ kind: 'datasec', name: '.data.custom' })
    else expect(id).toBe(0)
    expect(map('.rodata.str1.1')?.valueTypeId).toBe(0)
  })

  it.each([
    ['initialised', '.data', 'global', false],
    ['hidden', '.data', 'global', true],
    ['weak_one', '.data', 'weak', false],
    ['only_here', '.data', 'static', false],
    ['constant_here', '.rodata', 'static', false],
    ['zeros', '.bss', 'global', false],
    ['zero_here', '.bss', 'static', false],
    ['of_a_kind', '.data.custom', 'global', false],
    ['settings', 'tunables', 'global', false],
  ])('variable %s is in %s, %s, hidden: %s', (name, map, linkage, hidden) => {
    const variable = spec.variables.find(variable => variable.name === name)
    expect(variable).toMatchObject({ map, linkage, hidden })
    if (hasBtf) expect(spec.btf?.type(variable?.typeId ?? 0)).toMatchObject({ kind: 'var', name })
    else expect(variable?.typeId).toBe(0)
  })

  it('keep static variables of functions apart', () => {
    const calls = spec.variables.filter(({ name }) => name.endsWith('.calls'))
    const contents = map('.data')?.contents ?? new Uint8Array()
    const view = new DataView(contents.buffer, contents.byteOffset)
    const values = calls.map(({ name, offset }) => [name, view.getUint32(offset, spec.littleEndian)])
    expect(values).toEqual([
      ['count.calls', 100],
      ['count_again.calls', 200],
    ])
  })

  it('are referred to by place, whether the symbol is global or the section itself', () => {
    const [reference] = functionOf(spec, 'count_again').references
    const variable = spec.variables.find(({ name }) => name === 'count_again.calls')
    expect(reference).toEqual({ slot: 0, kind: 'mapValue', map: '.data', offset: variable?.offset })
  })
})

describe('odd data sections', () => {
  const program = { tc: code('r1 = variable ll\nr0 = 0\nexit') }
  const symbols = [func('f', 'tc', 0, 32), object('variable', '.data', 0, 4)]

  it('of one name each become a map', () => {
    // The writer's input has unique names, so one is renamed in the bytes.
    const bytes = buildObject({ sections: { ...program, '.data': { bytes: words(1) }, '.dat_': { bytes: words(2) } }, symbols })
    bytes.set(new TextEncoder().encode('.data'), indexOf(bytes, '.dat_'))
    const [first, second] = readObject(bytes).maps
    expect(first?.name).toBe('.data')
    expect(second?.name).toMatch(/^\.data@/)
  })

  it('may claim to be large without costing memory', () => {
    const [map] = readObject(buildObject({ sections: { ...program, '.data': { size: 0xf000_0000 } }, symbols })).maps
    expect(map).toMatchObject({ valueSize: 0xf000_0000, contents: undefined })
  })

  it('may not be larger than a map can be', () => {
    const bytes = buildObject({ sections: { ...program, '.data': { size: 2 ** 33 } }, symbols })
    expect(() => readObject(bytes)).toThrow(expect.objectContaining({ code: 'ERR_BPF_OBJECT_DATA', section: '.data' }))
  })

  it('that are code are no data', () => {
    const bytes = buildObject({
      sections: { ...program, '.data': { bytes: code('r0 = 0\nexit').bytes ?? words(), flags: SectionFlag.Alloc | SectionFlag.ExecInstr } },
      symbols: [func('f', 'tc', 0, 32), func('variable', '.data', 0, 16)],
    })
    expect(readObject(bytes).maps).toEqual([])
  })
})

function indexOf(bytes: Uint8Array, text: string): number {
  const wanted = [...new TextEncoder().encode(text)]
  return bytes.findIndex((_, at) => wanted.every((byte, index) => bytes[at + index] === byte))
}
