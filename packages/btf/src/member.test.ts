import { readFixture } from '@bpf/fixtures'
import { describe, expect, it } from 'vitest'
import { typeName } from './c-print'
import { encodeBtf } from './encode'
import { memberAt, pathAt } from './member'
import { parseBtf } from './parse'
import type { TypeInput } from './type-input'
import type { TypeId } from './types'

const btf = parseBtf(await readFixture('btf/types.btf'))
const struct = (name: string): TypeId => btf.idsByName(name, 'struct', 'union')[0] ?? (0 as TypeId)
const at = (name: string, path: string) => {
  const { offset, size, bitOffset, bitSize, type } = memberAt(btf, struct(name), path)
  return [offset, size, ...(bitSize === undefined ? [] : [bitOffset, bitSize]), typeName(btf, type)]
}

describe('memberAt', () => {
  it.each<[string, string, unknown[]]>([
    ['holes', 'b', [8, 8, 'long']],
    ['holes', 'e', [24, 4, 'int']],
    ['nested', 'high', [4, 4, 'u32']],
    ['nested', 'real.twice', [0, 8, 'double']],
    ['nested', 'points[2].y', [28, 4, 'int']],
    ['nested', 'tail', [40, 0, 'u8[0]']],
    ['declarators', 'matrix[1][2]', [104, 16, 'int[4]']],
    ['declarators', 'matrix[1][2][3]', [116, 4, 'int']],
    ['bitfields', 'c', [2, 4, 23, 9, 'u32']],
    ['bitfields_packed', 'further', [4, 8, 34, 61, 'u64']],
    ['inside_aligned', 'inside.b', [64, 1, 'char']],
  ])('%s %s', (name, path, expected) => {
    expect(at(name, path)).toEqual(expected)
  })

  it.each<[string, string, string, string | undefined]>([
    ['holes', 'bb', 'bb: struct holes has no member "bb"', 'did you mean b?'],
    ['holes', 'b.x', 'b.x: int long has no members', undefined],
    ['nested', 'points.x', 'points.x: array has no members', undefined],
    ['nested', 'low[0]', 'low[0]: [0] of what is no array', undefined],
    ['nested', 'points[-1]', '"points[-1]" is not a member path such as a.b[2].c', undefined],
    ['nested', '', '"" is not a member path such as a.b[2].c', undefined],
  ])('%s has no %s', (name, path, message, hint) => {
    const problem = { code: 'ERR_BPF_BTF_NO_MEMBER', message, ...(hint !== undefined && { hint }) }
    expect(() => at(name, path)).toThrow(expect.objectContaining(problem))
  })

  it('finds bitfields of compilers before 2019, in an int of their own', () => {
    const bits: TypeInput = { kind: 'int', name: 'unsigned int', size: 4, bitOffset: 3, bits: 5 }
    const old: TypeInput = { kind: 'struct', size: 8, members: [{ name: 'm', type: 1 as TypeId, bitOffset: 32, bitSize: 0 }] }
    expect(memberAt(parseBtf(encodeBtf([bits, old])), 2, 'm')).toMatchObject({ bitOffset: 35, bitSize: 5 })
  })
})

describe('pathAt', () => {
  it.each<[string, number, string | undefined]>([
    ['holes', 0, 'a'],
    ['holes', 1, undefined],
    ['holes', 12, 'b'],
    ['holes', 24, 'e'],
    ['nested', 4, 'high'],
    ['nested', 29, 'points[2].y'],
    ['declarators', 116, 'matrix[1][2][3]'],
    ['bitfields', 3, 'c'],
    ['node', 16, 'tree.parent'],
  ])('%s + %i', (name, offset, path) => {
    expect(pathAt(btf, struct(name), offset)).toBe(path)
  })
})
