import { BpfError } from '@bpf/bytes'
import { readFixture } from '@bpf/fixtures'
import { describe, expect, it } from 'vitest'
import { encodeBtf } from './encode'
import { BtfError } from './errors'
import { parseBtf } from './parse'
import type { TypeInput } from './type-input'
import type { BtfType, TypeId } from './types'

const id = (number: number): TypeId => number as TypeId
const int: TypeInput = { kind: 'int', name: 'int', size: 4, encoding: { signed: true } }
const struct = (name: string): TypeInput => ({ kind: 'struct', name, size: 0, members: [] })
const func = (name: string, proto: number): TypeInput => ({ kind: 'func', name, type: id(proto), linkage: 'static' })
const proto: TypeInput = { kind: 'funcProto', returnType: id(0), params: [] }

const types = await readFixture('btf/types.btf')
const bigEndian = await readFixture('btf/types-be.btf')

/** A copy with the 32-bit word at an offset changed. */
function patched(bytes: Uint8Array, offset: number, value: number): Uint8Array {
  const copy = bytes.slice()
  new DataView(copy.buffer).setUint32(offset, value, true)
  return copy
}

describe('what a compiler wrote', () => {
  it('has types by id, name and kind', () => {
    const btf = parseBtf(types)
    const color = btf.find('color', 'enum')
    expect(color).toMatchObject({ size: 4, signed: false })
    expect(color?.values).toEqual([
      { name: 'RED', value: 0n },
      { name: 'GREEN', value: 5n },
      { name: 'BLUE', value: 0x80000000n },
    ])
    expect(btf.find('wide', 'enum64')?.values.at(-1)).toEqual({ name: 'LARGE', value: 0xffffffffffffffffn })
    expect(btf.find('sign', 'enum')?.values[0]).toEqual({ name: 'MINUS', value: -1n })
    expect(btf.find('u32', 'typedef')).toMatchObject({ kind: 'typedef', name: 'u32' })
    expect(btf.find('bpf_example_acquire', 'func')?.linkage).toBe('global')
    expect(btf.find('opaque_union', 'fwd')?.of).toBe('union')
  })

  it('is the same in either byte order', () => {
    const little = parseBtf(types)
    const big = parseBtf(bigEndian)
    expect([little.littleEndian, big.littleEndian]).toEqual([true, false])
    expect(big.endId).toBe(little.endId)
    for (let i = 0; i < little.endId; i++) expect(big.type(i)).toEqual(little.type(i))
  })

  it('is read from any place in a buffer, and not copied', () => {
    const buffer = new Uint8Array(types.length + 9)
    buffer.set(types, 3)
    const btf = parseBtf(buffer.subarray(3, 3 + types.length))
    expect(btf.type(btf.endId - 1)).toEqual(parseBtf(types).type(btf.endId - 1))
    expect(btf.bytes.buffer).toBe(buffer.buffer)
  })

  it('is built on request, once', () => {
    const btf = parseBtf(types)
    expect(btf.type(5)).toBe(btf.type(5))
    expect(btf.type(0)).toEqual({ kind: 'void', id: 0, name: '' })
  })
})

describe('kinds', () => {
  const cases: readonly [TypeInput, Partial<BtfType>][] = [
    [
      { kind: 'int', name: 'f', size: 4, bitOffset: 3, bits: 5 },
      { bitOffset: 3, bits: 5 },
    ],
    [{ kind: 'array', type: id(1), indexType: id(1), length: 7 }, { length: 7 }],
    [{ kind: 'fwd', name: 'u', of: 'union' }, { of: 'union' }],
    [
      { kind: 'typeTag', name: 'user', type: id(1) },
      { kind: 'typeTag', name: 'user' },
    ],
    [
      { kind: 'typeTag', name: 'noderef', type: id(1), attribute: true },
      { kind: 'typeTag', attribute: true },
    ],
    [
      { kind: 'declTag', name: 'tag', type: id(1), componentIndex: -1 },
      { kind: 'declTag', componentIndex: -1 },
    ],
    [{ kind: 'var', name: 'v', type: id(1), linkage: 'extern' }, { linkage: 'extern' }],
    [
      { kind: 'datasec', name: '.bss', size: 8, variables: [{ type: id(1), offset: 4, size: 4 }] },
      { name: '.bss', size: 8 },
    ],
    [{ kind: 'float', name: 'double', size: 8 }, { size: 8 }],
  ]

  it.each(cases)('$kind', (input, expected) => {
    expect(parseBtf(encodeBtf([int, input])).type(2)).toMatchObject({ id: 2, kind: input.kind, ...expected })
  })

  it('bitfields: width in the member, or (before 2019) in an int of its own', () => {
    const member = { name: 'm', type: id(1), bitOffset: 5, bitSize: 3 }
    const btf = parseBtf(encodeBtf([int, { kind: 'struct', size: 4, members: [member, { ...member, bitSize: 0 }] }]))
    expect(btf.type(2)).toMatchObject({
      members: [
        { bitOffset: 5, bitSize: 3 },
        { bitOffset: 5, bitSize: 0 },
      ],
    })
  })
})

describe('look-ups by name', () => {
  const btf = parseBtf(
    encodeBtf([
      int,
      struct('task'),
      proto,
      func('task', 3),
      struct('task___v2'),
      struct('task___v2___x'),
      struct('___task'),
      struct('a____b'),
    ]),
  )

  it('find all kinds in order of id, or those wanted', () => {
    expect(btf.idsByName('task')).toEqual([2, 4])
    expect(btf.idsByName('task', 'func')).toEqual([4])
    expect(btf.idsByName('task', 'struct', 'union')).toEqual([2])
    expect(btf.idsByName('task', 'enum')).toEqual([])
    expect(btf.idsByName('none')).toEqual([])
    expect(btf.idsByName('')).toEqual([])
    expect(btf.find('task', 'struct')?.id).toBe(2)
    expect(btf.find('task', 'union')).toBeUndefined()
  })

  it('find flavours by the name before the last three underscores', () => {
    expect(btf.idsByEssentialName('task')).toEqual([2, 5])
    expect(btf.idsByEssentialName('task___v2')).toEqual([6])
    expect(btf.idsByEssentialName('')).toEqual([])
    expect(btf.idsByEssentialName('___task')).toEqual([7])
    expect(btf.idsByEssentialName('a')).toEqual([])
    expect(btf.idsByEssentialName('a____b')).toEqual([8])
  })

  it('give kind and name without building the type', () => {
    expect([btf.kindOf(4), btf.nameOf(4)]).toEqual([12, 'task'])
    expect([btf.kindOf(0), btf.nameOf(0)]).toEqual([0, ''])
  })
})

describe('split BTF', () => {
  const base = parseBtf(encodeBtf([int, struct('shared'), struct('common___old')]))
  const bytes = encodeBtf([struct('own'), struct('shared'), { kind: 'ptr', type: id(2) }], { base })
  const split = parseBtf(bytes, { base })

  it('goes on with ids and strings where its base ends', () => {
    expect([split.startId, split.endId]).toEqual([4, 7])
    expect(split.strings.start).toBe(base.strings.end)
    expect(split.type(6)).toMatchObject({ kind: 'ptr', type: 2 })
    expect(split.type(2)).toBe(base.type(2))
  })

  it('looks names up in both, base first', () => {
    expect(split.idsByName('shared')).toEqual([2, 5])
    expect(split.idsByEssentialName('common')).toEqual([3])
    expect(split.idsByEssentialName('common', { ownOnly: true })).toEqual([])
    expect(split.find('int', 'int')?.id).toBe(1)
  })

  it('needs that base', () => {
    expect(() => parseBtf(bytes)).toThrow(/string section does not begin with the empty string/)
    expect(() => parseBtf(bytes, { base: parseBtf(encodeBtf([int], { littleEndian: false })) })).toThrow(/byte order/)
  })

  it('splits again', () => {
    const third = parseBtf(encodeBtf([struct('top'), { kind: 'ptr', type: id(4) }], { base: split }), { base: split })
    expect([third.startId, third.idsByName('shared'), third.nameOf(4)]).toEqual([7, [2, 5], 'own'])
  })
})

describe('pointer size', () => {
  it('is that of long', () => {
    const long = (size: number): TypeInput => ({ kind: 'int', name: 'long unsigned int', size })
    expect(parseBtf(encodeBtf([long(4)])).pointerSize).toBe(4)
    expect(parseBtf(encodeBtf([long(8)])).pointerSize).toBe(8)
    expect(parseBtf(encodeBtf([int])).pointerSize).toBe(8)
  })
})

describe('the layout table of the 2026 header', () => {
  const kinds = 21
  /** Ints, then a record of kind 20 with 4 bytes of its own and `vlen` elements of 8, then a struct. */
  function withNewKind(vlen: number, ints = 1): Uint8Array {
    const before = Array.from({ length: ints }, () => int)
    const at = ints * 16
    const bytes = encodeBtf([...before, { kind: 'var', name: 'new', type: id(0), linkage: 'static' }, struct('after')], { layout: true })
    const view = new DataView(bytes.buffer)
    const records = bytes.subarray(32, 32 + view.getUint32(12, true))
    const own = new Uint8Array(records.length + vlen * 8)
    own.set(records.subarray(0, at + 16))
    new DataView(own.buffer).setUint32(at + 4, (20 << 24) | vlen, true)
    own.set(records.subarray(at + 16), at + 16 + vlen * 8)
    const layout = new Uint8Array(kinds * 4)
    layout.set(bytes.subarray(32 + records.length, 32 + records.length + (kinds - 1) * 4))
    layout.set([4, 8], 20 * 4)
    const strings = bytes.subarray(32 + view.getUint32(16, true))
    const out = new Uint8Array(32 + own.length + layout.length + strings.length)
    const words = [0x0001eb9f, 32, 0, own.length, own.length + layout.length, strings.length, own.length, layout.length]
    for (const [index, word] of words.entries()) new DataView(out.buffer).setUint32(index * 4, word, true)
    out.set(own, 32)
    out.set(layout, 32 + own.length)
    out.set(strings, 32 + own.length + layout.length)
    return out
  }

  it.each([0, 3])('skips a kind that is not known, with %i elements', vlen => {
    const btf = parseBtf(withNewKind(vlen))
    expect(btf.type(2)).toEqual({ kind: 'unknown', id: 2, name: 'new', rawKind: 20 })
    expect(btf.find('after', 'struct')?.id).toBe(3)
    expect(btf.idsByName('new', 'unknown')).toEqual([2])
  })

  it.each([766, 767, 768, 769, 2000])('skips it behind %i other types', ints => {
    const btf = parseBtf(withNewKind(1, ints))
    expect(btf.idsByName('new', 'unknown')).toEqual([ints + 1])
    expect(btf.find('after', 'struct')?.id).toBe(ints + 2)
    expect(btf.endId).toBe(ints + 3)
  })

  it('of the base is good for BTF split off it', () => {
    const base = parseBtf(withNewKind(1))
    const split = encodeBtf([{ kind: 'var', name: 'own', type: id(0), linkage: 'static' }], { base })
    expect(parseBtf(patched(split, 28, 20 << 24), { base }).type(4)).toMatchObject({ kind: 'unknown', rawKind: 20, name: 'own' })
  })

  it('without it, an unknown kind is named', () => {
    const bytes = patched(encodeBtf([struct('s')]), 28, 20 << 24)
    expect(() => parseBtf(bytes, { context: 'section .BTF' })).toThrow(
      expect.objectContaining({
        code: 'ERR_BPF_BTF_NEWER',
        message: 'section .BTF: BTF newer than this reader: unknown kind 20 at 0x18',
        hint: expect.any(String),
      }),
    )
  })

  it('has room for more than 65,535 members', () => {
    const members = Array.from({ length: 70_000 }, (_, index) => ({ name: '', type: id(1), bitOffset: index, bitSize: 0 }))
    const btf = parseBtf(encodeBtf([int, { kind: 'struct', name: 'wide', size: 4, members }]))
    expect(btf.find('wide', 'struct')?.members.length).toBe(70_000)
  })
})

describe('damage', () => {
  const cases: readonly [string, Uint8Array, RegExp][] = [
    ['nothing at all', new Uint8Array(), /magic 0xeb9f is missing/],
    ['something else', new TextEncoder().encode('#!/bin/sh and some more'), /magic 0xeb9f is missing/],
    ['half a header', types.subarray(0, 20), /header needs 24 bytes, got 20/],
    ['another version', types.slice().fill(2, 2, 3), /BTF version 2/],
    ['a header longer than the blob', patched(types, 4, 0xffff), /header length 65535 is impossible/],
    ['types past the end', patched(types, 12, 0xffffff00), /type section is past the end/],
    ['types over strings', patched(types, 16, 8), /overlaps the string section/],
    ['unaligned types', patched(patched(types, 8, 2), 12, 12), /not aligned/],
    ['strings past the end', patched(types, 20, 0x7fffffff), /string section is past the end/],
    ['unterminated strings', types.slice().fill(0x41, types.length - 1), /does not end with NUL/],
    [
      'a record cut off',
      patched(types, 12, new DataView(types.buffer, types.byteOffset).getUint32(12, true) - 8),
      /past the end|left over/,
    ],
  ]

  it.each(cases)('%s', (_, bytes, message) => {
    expect(() => parseBtf(bytes)).toThrow(message)
    expect(() => parseBtf(bytes)).toThrow(BtfError)
    expect(() => parseBtf(bytes)).toThrow(BpfError)
  })

  it('inside a type is reported when the type is asked for, and spoils no other', () => {
    const bytes = encodeBtf([{ kind: 'ptr', type: id(0) }, struct('good')])
    const btf = parseBtf(patched(patched(bytes, 24 + 8, 77), 24, 0), { context: 'vmlinux' })
    expect(() => btf.type(1)).toThrow('vmlinux: type 1 (ptr) refers to type 77, which does not exist at 0x18')
    expect(btf.find('good', 'struct')?.id).toBe(2)
  })

  it('of a name too', () => {
    const btf = parseBtf(patched(encodeBtf([struct('good'), struct('bad')]), 24 + 12, 9999))
    expect(() => btf.type(2)).toThrow('type 2 (struct) name at string offset 9999 is outside the string section')
    expect(() => btf.nameOf(2)).toThrow(BtfError)
    expect(btf.idsByName('good')).toEqual([1])
  })

  it('ids that do not exist', () => {
    const btf = parseBtf(encodeBtf([int]))
    for (const wrong of [2, -1, 0.5, Number.NaN, 2 ** 32]) {
      expect(() => btf.type(wrong)).toThrow(expect.objectContaining({ code: 'ERR_BPF_BTF_NO_TYPE' }))
    }
  })

  it('is bounded by the bytes that there are: a count of 16 million members in 36 bytes', () => {
    const bytes = patched(encodeBtf([struct('s')]), 28, (4 << 24) | 0xffffff)
    expect(() => parseBtf(bytes)).toThrow(/type record of 201326592 bytes is past the end/)
  })
})
