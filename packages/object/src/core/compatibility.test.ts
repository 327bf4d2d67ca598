import type { TypeId } from '@bpf/btf'
import { describe, expect, it } from 'vitest'
import { buildBtf, type TestBtf } from '../testing/build-btf'
import { fieldIncompatibility } from './field-compat'
import { typeIncompatibility } from './type-compat'
import { typeDifference } from './type-match'

type Define = (b: TestBtf) => TypeId

const rules = { field: fieldIncompatibility, type: typeIncompatibility, match: typeDifference }

/** The first difference between a local type and the target's, by one of the three rules. */
function compare(rule: keyof typeof rules, local: Define, target: Define): string | undefined {
  const a = buildBtf(local)
  const b = buildBtf(target)
  return rules[rule](a.btf, a.ids, b.btf, b.ids)
}

const int: Define = b => b.int('int', 4, { signed: true })
const long: Define = b => b.int('long', 8, { signed: true })
const u32: Define = b => b.int('unsigned int', 4)
const oldBitField: Define = b => b.add({ kind: 'int', name: 'int', size: 4, bitOffset: 3, bits: 5 })
const float: Define = b => b.add({ kind: 'float', name: 'double', size: 8 })
const structA: Define = b => b.struct('A', 4, ['x', int(b), 0])
const structB: Define = b => b.struct('B', 8, ['y', long(b), 0])
const union: Define = b => b.union('A', 4, ['x', int(b), 0])
const enumA: Define = b => b.enum('color', { RED: 1 })
const enumAFlavour: Define = b => b.enum('color___old', { RED: 2 })
const enumB: Define = b => b.enum('shape', { ROUND: 1 })
const enum64: Define = b => b.enum('color', { RED: 1 }, { size: 8 })
const anonymousEnum: Define = b => b.enum('', { ROUND: 1 })
const fwdA: Define = b => b.fwd('A')
const fwdUnionA: Define = b => b.fwd('A', 'union')
const pointerTo =
  (to: Define): Define =>
  b =>
    b.ptr(to(b))
const arrayOf =
  (of: Define, length: number): Define =>
  b =>
    b.array(of(b), length)
const alias =
  (to: Define): Define =>
  b =>
    b.typedef('alias', b.const(to(b)))
const proto =
  (returns: Define, ...params: Define[]): Define =>
  b =>
    b.proto(returns(b), ...params.map(param => param(b)))

describe('fields of the target can stand for local ones', () => {
  it.each<[string, Define, Define]>([
    ['ints of another size and sign', int, long],
    ['a struct for another', structA, structB],
    ['a union for a struct', structA, union],
    ['pointers to anything', pointerTo(int), pointerTo(structA)],
    ['typedefs for what they stand for', int, alias(long)],
    ['floats', float, float],
    ['arrays of another length', arrayOf(int, 3), arrayOf(long, 70)],
    ['enums of the same name', enumA, enumAFlavour],
    ['an enum64 for an enum', enumA, enum64],
    ['an enum without a name', enumA, anonymousEnum],
    ['declarations of the same name', fwdA, fwdA],
  ])('%s', (_, local, target) => {
    expect(compare('field', local, target)).toBeUndefined()
  })

  it.each<[string, Define, Define, string]>([
    ['a pointer for an int', int, pointerTo(int), 'is ptr, expected int'],
    ['an int for a struct', structA, int, 'is int, expected struct A'],
    ['an enum of another name', enumA, enumB, 'is enum shape, expected enum color'],
    ['an old bit field', int, oldBitField, 'old-style bit field'],
    ['an array of other things', arrayOf(int, 2), arrayOf(structA, 2), 'is struct A, expected int'],
    ['a function', proto(int), proto(int), 'cannot be a field'],
  ])('but not %s', (_, local, target, difference) => {
    expect(compare('field', local, target)).toContain(difference)
  })
})

describe('types of the target are compatible', () => {
  it.each<[string, Define, Define]>([
    ['ints of another size and sign', int, long],
    ['structs whatever is in them', structA, structB],
    ['pointers to compatible types', pointerTo(int), pointerTo(long)],
    ['arrays of another length', arrayOf(int, 3), arrayOf(int, 4)],
    ['an enum64 with an enum', enumA, enum64],
    ['enums of another name', enumA, enumB],
    ['prototypes of compatible parameters', proto(int, pointerTo(structA)), proto(long, pointerTo(structB))],
    ['typedefs of compatible types', alias(int), alias(long)],
  ])('%s', (_, local, target) => {
    expect(compare('type', local, target)).toBeUndefined()
  })

  it.each<[string, Define, Define, string]>([
    ['a typedef with what it stands for', alias(int), int, 'is int, expected typedef alias'],
    ['a union with a struct', structA, union, 'is union A, expected struct A'],
    ['pointers to other kinds', pointerTo(int), pointerTo(structA), 'is struct A'],
    ['prototypes of another arity', proto(int, int), proto(int, int, int), 'takes 2 parameters, expected 1'],
    ['prototypes with another parameter', proto(int, int, int), proto(int, int, structA), 'parameter 2: is struct A'],
    ['prototypes that return something else', proto(int), proto(structA), 'is struct A'],
    ['an old bit field', int, oldBitField, ''],
    ['floats', float, float, 'float cannot be relocated'],
  ])('but not %s', (_, local, target, difference) => {
    expect(compare('type', local, target)).toContain(difference)
  })
})

describe('types of the target match', () => {
  it.each<[string, Define, Define]>([
    ['the same int', int, int],
    ['a struct with more members in another order', structA, b => b.struct('A', 16, ['other', long(b), 0], ['x', int(b), 8])],
    ['a flavour', b => b.struct('A___mine', 4, ['x', int(b), 0]), structA],
    ['typedefs with what they stand for', alias(int), int],
    ['an enum with other values', enumA, enumAFlavour],
    ['behind a pointer, a struct of the same name', pointerTo(structA), pointerTo(b => b.struct('A', 8, ['z', long(b), 0]))],
    ['behind a pointer, a declaration', pointerTo(structA), pointerTo(fwdA)],
    ['behind a pointer, a struct for a declaration', pointerTo(fwdA), pointerTo(structA)],
    ['arrays of the same length', arrayOf(int, 3), arrayOf(int, 3)],
    ['prototypes', proto(int, pointerTo(structA)), proto(int, pointerTo(structA))],
    ['pointers to nothing', b => b.ptr(0), b => b.ptr(0)],
  ])('%s', (_, local, target) => {
    expect(compare('match', local, target)).toBeUndefined()
  })

  it.each<[string, Define, Define, string]>([
    ['an int of another size', int, b => b.int('int', 8, { signed: true }), 'has 8 bytes, expected 4'],
    ['an int of another sign', int, b => b.int('int', 4), 'is unsigned'],
    ['an int of another name', int, u32, 'is unsigned int, expected int'],
    ['a struct without a member', b => b.struct('A', 8, ['x', int(b), 0], ['y', int(b), 4]), structA, 'has 1 members'],
    ['a struct with another member', structA, b => b.struct('A', 4, ['y', int(b), 0]), 'no member x'],
    ['a member of another type', structA, b => b.struct('A', 4, ['x', u32(b), 0]), 'x: is unsigned int'],
    ['a union for a struct', structA, union, 'is union A'],
    [
      'an enum without an enumerator',
      b => b.enum('color', { RED: 1, BLUE: 2 }),
      b => b.enum('color', { RED: 1, PINK: 2 }),
      'no enumerator BLUE',
    ],
    ['an enum of another size', enumA, enum64, 'has 8 bytes'],
    ['arrays of another length', arrayOf(int, 3), arrayOf(int, 4), 'array of 4, expected 3'],
    ['a declaration that is not behind a pointer', fwdA, structA, 'is struct A'],
    ['behind a pointer, a declaration of a union', pointerTo(structA), pointerTo(fwdUnionA), 'is union A (declared only)'],
    ['prototypes of another arity', proto(int), proto(int, int), 'takes 1 parameters'],
  ])('but not %s', (_, local, target, difference) => {
    expect(compare('match', local, target)).toContain(difference)
  })
})

describe('types that contain themselves', () => {
  const cyclic: Define = b => {
    const id = b.reserve()
    b.set(id, {
      kind: 'struct',
      name: 'loop',
      size: 4,
      members: ['a', 'b', 'c'].map(name => ({ name, type: id, bitOffset: 0, bitSize: 0 })),
    })
    return id
  }

  it('are refused instead of being followed forever', () => {
    expect(() => compare('match', cyclic, cyclic)).toThrow(expect.objectContaining({ code: 'ERR_BPF_TYPE_DEPTH' }))
  })

  it('do not matter where bodies are not compared', () => {
    expect(compare('type', cyclic, cyclic)).toBeUndefined()
    expect(compare('field', cyclic, cyclic)).toBeUndefined()
  })
})
