import { BpfError } from '@bpf/bytes'
import { expect, it } from 'vitest'
import { BtfBuilder } from '../builder'
import { parseBtf } from '../parse'
import { u32 } from '../testing/codec-of'
import type { TypeId } from '../types'
import { CodecError } from './codec-error'
import type { Shape } from './shape'
import { shapeOf } from './shape-of'

const id = (n: number): TypeId => n as TypeId
const shapeFor = (build: (btf: BtfBuilder) => TypeId): Shape => {
  const builder = new BtfBuilder()
  const root = build(builder)
  return shapeOf(parseBtf(builder.toBytes()), root)
}

it.each<[string, (btf: BtfBuilder) => TypeId, string]>([
  ['void', () => id(0), 'void (anonymous) has no values'],
  ['a forward declaration', btf => btf.add({ kind: 'fwd', name: 'task', of: 'struct' }), 'fwd task has no values'],
  ['a function', btf => btf.add({ kind: 'funcProto', returnType: id(0), params: [] }), 'funcProto (anonymous) has no values'],
  ['an int of three bytes', btf => btf.add({ kind: 'int', name: 'odd', size: 3 }), 'int odd of 3 bytes has no values'],
  ['an endless typedef', btf => btf.add({ kind: 'typedef', name: 't', type: id(1) }), 'typedef t never ends in a type'],
  [
    'a struct in itself',
    btf => btf.add({ kind: 'struct', name: 's', size: 4, members: [{ name: 'a', type: id(1), bitOffset: 0, bitSize: 0 }] }),
    'struct s contains itself',
  ],
  [
    'a member past the end',
    btf => {
      const type = u32.add(btf)
      return btf.add({ kind: 'struct', name: 's', size: 4, members: [{ name: 'a', type, bitOffset: 8, bitSize: 0 }] })
    },
    'struct s: member "a" is past its end',
  ],
  [
    'arrays of arrays without end',
    btf => btf.add({ kind: 'array', type: id(1), indexType: id(0), length: 1 }),
    'array (anonymous) is nested more than 64 levels deep',
  ],
  [
    'billions of empty structs',
    btf => {
      const type = btf.add({ kind: 'struct', size: 0, members: [] })
      return btf.add({ kind: 'array', type, indexType: id(0), length: 0xffffffff })
    },
    '0 bytes would make 4294967296 values',
  ],
  [
    'a struct that doubles its fields at each level',
    btf => {
      let type = btf.add({ kind: 'struct', size: 0, members: [] })
      for (let level = 0; level < 40; level++) {
        const twice = ['', ''].map(name => ({ name, type, bitOffset: 0, bitSize: 0 }))
        const one = { name: `m${level}`, type, bitOffset: 0, bitSize: 0 }
        type = btf.add({ kind: 'struct', size: 0, members: [...twice, one] })
      }
      return type
    },
    'more than 200000 fields',
  ],
])('refuses values of %s', (_, build, message) => {
  expect(() => shapeFor(build)).toThrow(CodecError)
  expect(() => shapeFor(build)).toThrow(message)
  expect(() => shapeFor(build)).toThrow(BpfError)
})
