import { CoreKind } from '@bpf/btf'
import { describe, expect, it } from 'vitest'
import { buildBtf } from '../testing/build-btf'
import { readAccess } from './access'
import { cPath } from './c-path'
import { CoreError } from './core-error'
import { subjectOf } from './core-kind'

/**
 *     struct inner { int x; int y[4]; };
 *     struct sample { int first; struct { int hidden; struct inner in[2]; }; int tail[]; };
 */
const { btf, ids } = buildBtf(b => {
  const int = b.int('int', 4, { signed: true })
  const inner = b.struct('inner', 20, ['x', int, 0], ['y', b.array(int, 4), 4])
  const anonymous = b.struct('', 44, ['hidden', int, 0], ['in', b.array(inner, 2), 4])
  const sample = b.struct('sample', 48, ['first', int, 0], ['', anonymous, 4], ['tail', b.array(int, 0), 48])
  const color = b.enum('color', { RED: 1, GREEN: 2 })
  const declared = b.fwd('declared')
  return { int, inner, sample, alias: b.typedef('sample_t', b.const(sample)), color, declared, nameless: b.struct('', 4, ['a', int, 0]) }
})

const read = (typeId: number, access: string, kind: number = CoreKind.FieldByteOffset) => readAccess(btf, { typeId, access, kind })

describe('a field access', () => {
  it.each([
    ['0', 0, 'struct sample'],
    ['1', 48 * 8, 'struct sample[1]'],
    ['0:0', 0, 'struct sample.first'],
    ['0:1:0', 4 * 8, 'struct sample.hidden'],
    ['0:1:1', 8 * 8, 'struct sample.in'],
    ['0:1:1:1', 28 * 8, 'struct sample.in[1]'],
    ['0:1:1:1:1:3', 44 * 8, 'struct sample.in[1].y[3]'],
    ['2:0', 96 * 8, 'struct sample[2].first'],
    ['0:2:7', 76 * 8, 'struct sample.tail[7]'],
  ])('%s is bit %i, %s', (access, bit, path) => {
    const found = read(ids.sample, access)
    expect(found.bitOffset).toBe(bit)
    expect(cPath(found, 'field')).toBe(path)
  })

  it('goes through typedefs and keeps the name of the first', () => {
    expect(cPath(read(ids.alias, '0:1:0'), 'field')).toBe('sample_t.hidden')
  })

  it.each([
    ['', 'malformed'],
    [':0', 'malformed'],
    ['0:', 'malformed'],
    ['0:-1', 'malformed'],
    ['0x1', 'malformed'],
    [Array(65).fill('0').join(':'), 'malformed'],
    ['0:3', 'has 3 members'],
    ['0:0:0', 'int has no members'],
    ['0:1:1:2', 'outside an array of 2'],
  ])('%s is refused', (access, message) => {
    expect(() => read(ids.sample, access)).toThrow(CoreError)
    expect(() => read(ids.sample, access)).toThrow(message)
  })

  it('is refused for a type without a size', () => {
    expect(() => read(ids.declared, '0')).toThrow('has no size')
  })

  it('is refused for a kind of relocation from the future', () => {
    expect(subjectOf(99)).toBeUndefined()
    expect(() => read(ids.sample, '0', 99)).toThrow('newer than this loader')
  })
})

describe('other accesses', () => {
  it('of a type has no steps', () => {
    expect(read(ids.sample, '0', CoreKind.TypeSize).steps).toEqual([])
    expect(() => read(ids.sample, '0:1', CoreKind.TypeSize)).toThrow('always 0')
  })

  it('of an enumerator names it', () => {
    expect(cPath(read(ids.color, '1', CoreKind.EnumvalValue), 'enumerator')).toBe('enum color::GREEN')
    expect(() => read(ids.color, '2', CoreKind.EnumvalValue)).toThrow('2 enumerators')
    expect(() => read(ids.color, '0:0', CoreKind.EnumvalValue)).toThrow(CoreError)
    expect(() => read(ids.int, '0', CoreKind.EnumvalValue)).toThrow('no enum')
  })
})
