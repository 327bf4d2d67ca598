import { beforeAll, describe, expect, it } from 'vitest'
import { MapFlag } from '../constants/flags'
import { MapType } from '../constants/map-type'
import type { ObjectSpec } from '../spec'
import { TestBtf } from '../testing/build-btf'
import { buildObject, code, func, object } from '../testing/build-object'
import { readSpec } from '../testing/read-fixture'
import { readObject } from './read-object'

describe.each(['object/struct-ops', 'object/struct-ops-be', 'object/struct-ops-clang14'])('variables of %s', fixture => {
  let spec: ObjectSpec
  beforeAll(async () => {
    spec = await readSpec(fixture)
  })

  it.each([
    ['plain', 0, true],
    ['linked_first', MapFlag.Link, true],
    ['linked_second', MapFlag.Link, true],
    ['on_demand', 0, false],
  ])('%s is a map with flags %i, created at once: %s', (name, flags, autoCreate) => {
    expect(spec.maps.find(map => map.name === name)).toMatchObject({
      ...{ type: MapType.StructOps, keySize: 4, valueSize: 48, maxEntries: 1, flags, autoCreate },
      origin: { kind: 'structOps', variable: name },
    })
  })

  it.each([
    ['plain', false, { ssthresh: 'ssthresh', undo_cwnd: 'undo_cwnd' }],
    ['linked_first', true, { ssthresh: 'ssthresh' }],
    ['linked_second', true, { ssthresh: 'ssthresh', cong_avoid: 'cong_avoid' }],
    ['on_demand', false, { undo_cwnd: 'undo_cwnd' }],
  ])('%s (link: %s) points to %j', (map, link, programs) => {
    const found = spec.structOps.find(structOps => structOps.map === map)
    expect(found).toMatchObject({ link, typeName: 'tcp_congestion_ops' })
    expect(Object.fromEntries(found?.programs.map(({ member, program }) => [member, program]) ?? [])).toEqual(programs)
  })

  it('have the bytes that are no pointers', () => {
    const { contents = new Uint8Array() } = spec.structOps.find(({ map }) => map === 'plain') ?? {}
    expect(new DataView(contents.buffer, contents.byteOffset).getUint32(0, spec.littleEndian)).toBe(7)
    expect(new TextDecoder().decode(contents.subarray(32, 37))).toBe('plain')
  })

  it('use programs of their own type, sleepable or not', () => {
    expect(spec.programs.map(({ name, pattern, attachTarget }) => [name, pattern, attachTarget])).toEqual([
      ['ssthresh', 'struct_ops+', undefined],
      ['undo_cwnd', 'struct_ops+', undefined],
      ['cong_avoid', 'struct_ops.s+', 'cong_avoid'],
    ])
  })
})

describe('malformed struct_ops', () => {
  interface Parts {
    readonly struct?: (btf: TestBtf) => ReturnType<TestBtf['struct']>
    readonly at?: number
    readonly symbol?: string
    readonly offset?: number
  }

  /** `struct ops { u32 flags; void (*call)(void); } variable SEC(".struct_ops") = { .call = program }` */
  function withVariable({ struct, at = 8, symbol = 'program', offset }: Parts): Uint8Array {
    const btf = new TestBtf()
    const ops = (btf: TestBtf) => btf.struct('ops', 16, ['flags', btf.int('u32', 4), 0], ['call', btf.ptr(btf.proto(0)), 8])
    const type = btf.variable('variable', (struct ?? ops)(btf))
    btf.add({
      kind: 'datasec',
      name: '.struct_ops',
      size: offset === undefined ? 0 : 16,
      variables: [{ type, offset: offset ?? 0, size: 16 }],
    })
    return buildObject({
      sections: {
        struct_ops: code('r0 = 0\nexit'),
        tc: code('r0 = 0\nexit'),
        '.struct_ops': { bytes: new Uint8Array(32), relocations: [{ at, symbol, type: 2 }] },
      },
      symbols: [func('program', 'struct_ops', 0, 16), func('other', 'tc', 0, 16), object('variable', '.struct_ops', offset ?? 0, 16)],
      btf: btf.toBytes(),
    })
  }

  it.each<[cause: string, parts: Parts]>([
    ['variable "variable" is of kind int, not a struct', { struct: btf => btf.int('int', 4) }],
    ['variable "variable" is of a struct without a name', { struct: btf => btf.struct('', 16) }],
    ['variable "variable" is past the end of its section', { offset: 24 }],
    ['relocation is in no variable', { at: 20 }],
    ['variable "variable": a relocation is at no member', { at: 4 }],
    ['member flags: a relocation is at a member that is no function pointer', { at: 0 }],
    ['member call: it points to "other", which is no program in a section struct_ops', { symbol: 'other' }],
  ])('%s', (cause, parts) => {
    expect(() => readObject(withVariable(parts))).toThrow(
      expect.objectContaining({ code: 'ERR_BPF_OBJECT_STRUCT_OPS', section: '.struct_ops', message: expect.stringContaining(cause) }),
    )
  })

  it('overlap, or are in a section that BTF does not know', () => {
    const btf = new TestBtf()
    const ops = btf.struct('ops', 16)
    const variables = [0, 8].map(offset => ({ type: btf.variable(`v${offset}`, ops), offset, size: 16 }))
    btf.add({ kind: 'datasec', name: '.struct_ops', size: 32, variables })
    const read = (section: string) =>
      readObject(buildObject({ sections: { [section]: { bytes: new Uint8Array(32) } }, btf: btf.toBytes() }))
    expect(() => read('.struct_ops')).toThrow('variable "v8" overlaps the one before it')
    expect(() => read('?.struct_ops')).toThrow('BTF has no DATASEC ?.struct_ops')
  })

  it('are read when nothing is wrong', () => {
    expect(readObject(withVariable({})).structOps).toMatchObject([{ map: 'variable', programs: [{ member: 'call', program: 'program' }] }])
  })
})
