import { readFixture } from '@bpf/fixtures'
import { expect, it } from 'vitest'
import { checkBtf } from './check'
import { encodeBtf } from './encode'
import { parseBtf } from './parse'
import type { TypeInput } from './type-input'
import type { TypeId } from './types'

const id = (number: number): TypeId => number as TypeId
const int: TypeInput = { kind: 'int', name: 'int', size: 4 }
const member = (type: number) => ({ name: 'm', type: id(type), bitOffset: 0, bitSize: 0 })

it.each(['types', 'types-be', 'records'])('what a compiler wrote is right: %s', async name => {
  checkBtf(parseBtf(await readFixture(`btf/${name}.btf`)))
})

it.each<[string, TypeInput, RegExp]>([
  [
    'a function without prototype',
    { kind: 'func', name: 'f', type: id(1), linkage: 'static' },
    /type 2 \(func f\) refers to a int, not to a funcProto/,
  ],
  [
    'a section of types',
    { kind: 'datasec', name: '.bss', size: 4, variables: [{ type: id(1), offset: 0, size: 4 }] },
    /refers to a int, not to a var or func/,
  ],
  ['a qualifier of itself', { kind: 'const', type: id(2) }, /refers to itself/],
  ['a struct in itself', { kind: 'struct', name: 's', size: 4, members: [member(2)] }, /refers to itself/],
])('%s is wrong', (_, type, message) => {
  expect(() => checkBtf(parseBtf(encodeBtf([int, type])))).toThrow(message)
})

it('a reference to no type is wrong', () => {
  const bytes = encodeBtf([int, { kind: 'ptr', type: id(1) }])
  new DataView(bytes.buffer).setUint32(24 + 16 + 8, 3, true)
  expect(() => checkBtf(parseBtf(bytes))).toThrow(/type 2 \(ptr\) refers to type 3, which does not exist/)
})
