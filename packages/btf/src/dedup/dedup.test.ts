import { readFixture } from '@bpf/fixtures'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BtfBuilder } from '../builder'
import { encodeBtf } from '../encode'
import { parseBtf } from '../parse'
import { mapReferences } from '../references'
import { anyTypes } from '../testing/type-graphs'
import type { TypeInput } from '../type-input'
import type { Btf, BtfType, TypeId } from '../types'
import { dedupBtf } from './dedup'

/** Types by names that they may use of each other, written shortly. */
type Unit = Record<string, (id: (name: string) => TypeId) => TypeInput>

const int: Unit[string] = () => ({ kind: 'int', name: 'int', size: 4, encoding: { signed: true } })
const pointer =
  (to: string): Unit[string] =>
  id => ({ kind: 'ptr', type: id(to) })
const forward =
  (name: string): Unit[string] =>
  () => ({ kind: 'fwd', name, of: 'struct' })
/** A struct of 8-byte members. */
const struct =
  (name: string, members: Record<string, string>): Unit[string] =>
  id => ({
    kind: 'struct',
    name,
    size: Object.keys(members).length * 8,
    members: Object.entries(members).map(([name, type], index) => ({ name, type: id(type), bitOffset: index * 64, bitSize: 0 })),
  })
const variable =
  (name: string, type: string): Unit[string] =>
  id => ({ kind: 'var', name, type: id(type), linkage: 'global' })

/** The units one after the other, as a linker puts them together. */
function concatenated(...units: Unit[]): Btf {
  const builder = new BtfBuilder()
  for (const unit of units) {
    const ids = new Map(Object.keys(unit).map(name => [name, builder.reserve()]))
    const idOf = (name: string): TypeId => ids.get(name) ?? (0 as TypeId)
    for (const [name, type] of Object.entries(unit)) builder.set(idOf(name), type(idOf))
  }
  return parseBtf(builder.toBytes())
}

const allTypes = (btf: Btf): BtfType[] => Array.from({ length: btf.endId - btf.startId }, (_, index) => btf.type(btf.startId + index))
const describeType = ({ kind, name }: BtfType): string => (name === '' ? kind : `${kind} ${name}`)
const deduped = (...units: Unit[]): string[] => allTypes(parseBtf(dedupBtf(concatenated(...units)).builder.toBytes())).map(describeType)

describe('dedupBtf', () => {
  it('leaves one of equal types, however they refer to themselves', () => {
    const unit: Unit = { int, list: struct('list', { value: 'int', next: 'pointer' }), pointer: pointer('list') }
    expect(deduped(unit, unit, unit)).toEqual(['int int', 'struct list', 'ptr'])
  })

  it('keeps types apart that differ far away', () => {
    const unit = (value: string): Unit => ({
      value: () => ({ kind: 'int', name: value, size: 8 }),
      inner: struct('inner', { value: 'value' }),
      pointer: pointer('inner'),
      outer: struct('outer', { inner: 'pointer' }),
    })
    expect(deduped(unit('long'), unit('size_t'))).toHaveLength(8)
  })

  it('completes a forward declaration with the only definition of its name', () => {
    const user: Unit = { task: forward('task'), pointer: pointer('task'), current: variable('current', 'pointer') }
    const owner: Unit = { int, task: struct('task', { pid: 'int' }), pointer: pointer('task'), init: variable('init', 'task') }
    expect(deduped(user, owner)).toEqual(['ptr', 'var current', 'int int', 'struct task', 'var init'])
  })

  it('completes structs of which each unit knows another part', () => {
    const common = { int, s: struct('S', { a: 'pa', b: 'pb' }), pa: pointer('a'), pb: pointer('b'), ps: pointer('s') }
    const first: Unit = { ...common, a: struct('A', { a: 'int', self: 'pa', parent: 'ps' }), b: forward('B') }
    const second: Unit = { ...common, a: forward('A'), b: struct('B', { b: 'int', self: 'pb', parent: 'ps' }) }
    expect(deduped(first, second)).toEqual(['int int', 'struct S', 'ptr', 'ptr', 'ptr', 'struct A', 'struct B'])
  })

  it('takes of several definitions that which makes the users equal', () => {
    const other: Unit = { long: () => ({ kind: 'int', name: 'long', size: 8 }), b: struct('B', { x: 'long' }), v: variable('v', 'b') }
    const user = (b: Unit[string]): Unit => ({ int, b, pointer: pointer('b'), a: struct('A', { b: 'pointer' }) })
    expect(deduped(other, user(forward('B')), user(struct('B', { y: 'int' })))).toEqual([
      'int long',
      'struct B',
      'var v',
      'int int',
      'ptr',
      'struct A',
      'struct B',
    ])
  })

  it('leaves forward declarations alone that could be either of two definitions, or none', () => {
    const owner = (member: string): Unit => ({ int, b: struct('B', { [member]: 'int' }), v: variable(member, 'b') })
    const user: Unit = { b: forward('B'), c: forward('C') }
    expect(deduped(owner('x'), owner('y'), user)).toEqual(['int int', 'struct B', 'var x', 'struct B', 'var y', 'fwd B', 'fwd C'])
  })

  it('completes enums without values, but no anonymous ones', () => {
    const enumeration =
      (name: string, ...values: string[]): Unit[string] =>
      () => ({ kind: 'enum', name, size: 4, signed: false, values: values.map((name, index) => ({ name, value: BigInt(index) })) })
    const units = [
      { e: enumeration('e'), none: enumeration('') },
      { e: enumeration('e', 'A', 'B'), some: enumeration('', 'C') },
    ]
    expect(deduped(...units)).toEqual(['enum', 'enum e', 'enum'])
  })

  it('never merges variables and sections', () => {
    const unit: Unit = {
      int,
      count: variable('count', 'int'),
      section: id => ({ kind: 'datasec', name: '.bss', size: 4, variables: [{ type: id('count'), offset: 0, size: 4 }] }),
    }
    expect(deduped(unit, unit)).toEqual(['int int', 'var count', 'datasec .bss', 'var count', 'datasec .bss'])
  })

  it('finds types in the base of split BTF, and leaves the base as it is', () => {
    const base = concatenated({ int, b: forward('B'), pb: pointer('b') })
    const builder = new BtfBuilder({ base })
    const int2 = builder.add({ kind: 'int', name: 'int', size: 4, encoding: { signed: true } })
    const b = builder.add({ kind: 'struct', name: 'B', size: 4, members: [{ name: 'x', type: int2, bitOffset: 0, bitSize: 0 }] })
    const fwd = builder.add({ kind: 'fwd', name: 'B', of: 'struct' })
    const pointers = [b, fwd].map(type => builder.add({ kind: 'ptr', type }))
    const { builder: result, typeId } = dedupBtf(parseBtf(builder.toBytes(), { base }))
    const split = parseBtf(result.toBytes(), { base })
    expect(allTypes(split)).toMatchObject([
      { id: 4, kind: 'struct', name: 'B', members: [{ type: 1 }] },
      { id: 5, kind: 'ptr', type: 4 },
    ])
    expect([int2, b, fwd, ...pointers].map(typeId)).toEqual([1, 4, 4, 5, 5])
  })

  it('renumbers .BTF.ext and keeps its strings', () => {
    const builder = new BtfBuilder()
    const source = builder.string('prog.c')
    const line = builder.string('return 0;')
    for (const name of ['a', 'a', 'b']) builder.add({ kind: 'float', name, size: 8 })
    const btf = parseBtf(builder.toBytes())
    const { builder: result, ext } = dedupBtf(btf, {
      ext: {
        funcInfo: new Map([['xdp', [{ offset: 0, typeId: 3 as TypeId }]]]),
        lineInfo: new Map([['xdp', [{ offset: 0, fileNameOffset: source, lineOffset: line, line: 1, column: 1 }]]]),
        coreRelocations: new Map(),
      },
    })
    const after = parseBtf(result.toBytes())
    expect(ext?.funcInfo.get('xdp')).toEqual([{ offset: 0, typeId: 2 }])
    const [info] = ext?.lineInfo.get('xdp') ?? []
    expect([after.string(info?.fileNameOffset ?? 0), after.string(info?.lineOffset ?? 0)]).toEqual(['prog.c', 'return 0;'])
  })

  it('of a blob added to itself, leaves what it leaves of one; and a second time changes nothing', () => {
    const plain = anyTypes().map(types => types.filter(type => type.kind !== 'var' && type.kind !== 'datasec'))
    const whole = plain
      .filter(types => types.length > 0)
      .map(types => parseBtf(encodeBtf(types.map(type => ({ ...type, ...clamp(type, types.length) }) as TypeInput))))
    fc.assert(
      fc.property(whole, btf => {
        const twice = new BtfBuilder()
        twice.addAll(btf)
        twice.addAll(btf)
        const once = dedupBtf(btf).builder.toBytes()
        expect(dedupBtf(parseBtf(twice.toBytes())).builder.toBytes()).toEqual(once)
        expect(dedupBtf(parseBtf(once)).builder.toBytes()).toEqual(once)
      }),
    )
  })
})

/** References into what is left of the types. */
function clamp(type: TypeInput, count: number): Partial<TypeInput> {
  const within = (id: TypeId): TypeId => (id % (count + 1)) as TypeId
  return mapReferences(type, within)
}

describe('units that a compiler wrote', () => {
  it('become what bpftool links them to', async () => {
    const read = async (name: string): Promise<Btf> => parseBtf(await readFixture(`linked/${name}.btf`))
    const units = await Promise.all(['first', 'second', 'third'].map(read))
    const linked = await read('linked')
    const ours = parseBtf(dedupBtf(joined(...units)).builder.toBytes())
    expect(summary(ours)).toEqual(summary(linked))

    // Together with what bpftool made, there is still only one of each.
    const both = parseBtf(dedupBtf(joined(linked, ours)).builder.toBytes())
    expect(summary(both)).toEqual(summary(linked))
    expect(units.reduce((sum, unit) => sum + allTypes(unit).length, 0)).toBeGreaterThan(1.4 * allTypes(linked).length)
  })
})

function joined(...blobs: Btf[]): Btf {
  const builder = new BtfBuilder()
  for (const blob of blobs) builder.addAll(blob)
  return parseBtf(builder.toBytes())
}

/** All types by kind and name, but for variables and sections, which are no matter of dedup. */
function summary(btf: Btf): string[] {
  return allTypes(btf)
    .filter(({ kind }) => kind !== 'var' && kind !== 'datasec')
    .map(describeType)
    .sort()
}
