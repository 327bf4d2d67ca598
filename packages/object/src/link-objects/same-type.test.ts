import type { TypeId } from '@bpf/btf'
import { describe, expect, it } from 'vitest'
import { buildBtf, type TestBtf } from '../testing/build-btf'
import { typeDifference } from './same-type'

type Define = (btf: TestBtf) => TypeId

/** What two objects call the same, each in BTF of its own. */
function compare(first: Define, second: Define): string | undefined {
  const [a, b] = [buildBtf(first), buildBtf(second)]
  return typeDifference({ btf: a.btf, id: a.ids }, { btf: b.btf, id: b.ids })
}

const int = (btf: TestBtf) => btf.int('int', 4)
const long = (btf: TestBtf) => btf.int('long', 8)
const point = (btf: TestBtf) => btf.struct('point', 8, ['x', int(btf), 0], ['y', int(btf), 4])

describe('types are the same', () => {
  it.each<[why: string, first: Define, second: Define]>([
    ['whatever an int is called', int, btf => btf.int('unsigned int', 4)],
    ['behind typedefs and qualifiers', int, btf => btf.const(btf.typedef('s32', int(btf)))],
    ['member by member', point, point],
    ['whatever the length of an array', btf => btf.array(int(btf), 3), btf => btf.array(int(btf), 0)],
    ['behind a pointer, if one is only declared', btf => btf.ptr(point(btf)), btf => btf.ptr(btf.fwd('point'))],
    ['behind a pointer, by name', btf => btf.ptr(point(btf)), btf => btf.ptr(btf.struct('point', 4, ['z', int(btf), 0]))],
    ['declared or defined', btf => btf.variable('v', int(btf), 'extern'), btf => btf.variable('v', int(btf))],
    [
      'whatever parameters are called',
      btf => btf.func('f', btf.proto(0, int(btf))),
      btf => btf.func('f', btf.proto(0, int(btf)), 'extern'),
    ],
    ['for void', btf => btf.ptr(0), btf => btf.ptr(0)],
  ])('%s', (_, first, second) => {
    expect(compare(first, second)).toBeUndefined()
    expect(compare(second, first)).toBeUndefined()
  })
})

describe('types differ', () => {
  it.each<[why: string, first: Define, second: Define]>([
    ['int int has 4 bytes or 8', int, long],
    ['struct point is no union point', point, btf => btf.union('point', 8)],
    ['struct point is no struct place', point, btf => btf.struct('place', 8)],
    ['struct point has 2 members or 1', point, btf => btf.struct('point', 8, ['x', int(btf), 0])],
    ['struct point differs in member y', point, btf => btf.struct('point', 8, ['x', int(btf), 0], ['z', int(btf), 4])],
    ['struct point differs in member y', point, btf => btf.struct('point', 12, ['x', int(btf), 0], ['y', int(btf), 8])],
    ['int int has 4 bytes or 8', point, btf => btf.struct('point', 8, ['x', int(btf), 0], ['y', long(btf), 4])],
    ['ptr is no int int', btf => btf.ptr(0), int],
    ['struct point is no fwd point', point, btf => btf.fwd('point')],
    ['struct point is no fwd place', btf => btf.ptr(point(btf)), btf => btf.ptr(btf.fwd('place'))],
    ['struct point is no fwd point', btf => btf.ptr(point(btf)), btf => btf.ptr(btf.fwd('point', 'union'))],
    ['it has 1 parameters or 2', btf => btf.proto(0, int(btf)), btf => btf.proto(0, int(btf), int(btf))],
    ['int int has 4 bytes or 8', btf => btf.proto(int(btf)), btf => btf.proto(long(btf))],
    ['int int has 4 bytes or 8', btf => btf.proto(0, int(btf)), btf => btf.proto(0, long(btf))],
    ['it is static in one of them', btf => btf.variable('v', int(btf)), btf => btf.variable('v', int(btf), 'static')],
    ['enum e has 4 bytes or 1', btf => btf.enum('e', { A: 1 }), btf => btf.enum('e', { A: 1 }, { size: 1 })],
  ])('%s', (why, first, second) => {
    expect(compare(first, second)).toBe(why)
  })

  it('when they have no end', () => {
    const endless: Define = btf => {
      const id = btf.reserve()
      btf.set(id, { kind: 'struct', name: 's', size: 4, members: [{ name: 'self', type: id, bitOffset: 0, bitSize: 0 }] })
      return id
    }
    expect(compare(endless, endless)).toBe('types are nested too deeply')
  })
})
