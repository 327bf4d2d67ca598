import { describe, expect, it } from 'vitest'
import { BtfBuilder } from './builder'
import { distilBtf } from './distil'
import { encodeBtf } from './encode'
import { BtfError } from './errors'
import { parseBtf } from './parse'
import { relocateBtf } from './relocate'
import type { TypeInput } from './type-input'
import type { Btf, BtfType, TypeId } from './types'

const id = (n: number): TypeId => n as TypeId
const int: TypeInput = { kind: 'int', name: 'int', size: 4, encoding: { signed: true } }
const member = (name: string, type: TypeId, bitOffset = 0) => ({ name, type, bitOffset, bitSize: 0 })
const struct = (name: string, size: number, ...members: ReturnType<typeof member>[]): TypeInput => ({ kind: 'struct', name, size, members })

const ownTypes = (btf: Btf): BtfType[] => Array.from({ length: btf.endId - btf.startId }, (_, index) => btf.type(btf.startId + index))

/** A kernel with types that nobody uses before each that is: `padding` many. */
function kernel(padding: number, sizes: { readonly task?: number; readonly list?: number } = {}) {
  const btf = new BtfBuilder()
  const pad = () => Array.from({ length: padding }, (_, index) => btf.add({ kind: 'float', name: `unused${index}_${btf.nextId}`, size: 4 }))
  pad()
  const ids = {
    int: btf.add(int),
    task: btf.add(struct('task', sizes.task ?? 64, member('pid', id(1)))),
    list: btf.add(struct('list', sizes.list ?? 16)),
    state: btf.add({ kind: 'enum64', name: 'state', size: 8, signed: false, values: [{ name: 'RUNNING', value: 1n }] }),
  }
  pad()
  const pointer = btf.add({ kind: 'ptr', type: ids.task })
  const anonymous = btf.add({ kind: 'struct', size: 4, members: [member('x', ids.int)] })
  const forward = btf.add({ kind: 'fwd', name: 'opaque', of: 'struct' })
  return { btf: parseBtf(btf.toBytes()), ids: { ...ids, pointer, anonymous, forward } }
}

/** struct module { struct task *task; struct list list[2]; enum state state; struct { int x; } anonymous; struct opaque *opaque; } */
function moduleOn({ btf: base, ids }: ReturnType<typeof kernel>): Btf {
  const btf = new BtfBuilder({ base })
  const lists = btf.add({ kind: 'array', type: ids.list, indexType: ids.int, length: 2 })
  const opaque = btf.add({ kind: 'ptr', type: ids.forward })
  btf.add(
    struct(
      'module',
      64,
      member('task', ids.pointer),
      member('list', lists, 64),
      member('state', ids.state, 320),
      member('anonymous', ids.anonymous, 384),
      member('opaque', opaque, 448),
    ),
  )
  return parseBtf(btf.toBytes(), { base })
}

function distilled(btf: Btf): Btf {
  const { base, split } = distilBtf(btf)
  return parseBtf(split, { base: parseBtf(base) })
}

describe('distilBtf', () => {
  it('keeps names and sizes in the base, and moves what has no name', () => {
    const split = distilled(moduleOn(kernel(3)))
    expect(split.base && ownTypes(split.base)).toMatchObject([
      { kind: 'int', name: 'int', size: 4 },
      { kind: 'struct', name: 'task', size: 64, members: [] },
      { kind: 'struct', name: 'list', size: 16, members: [] },
      { kind: 'enum', name: 'state', size: 8, values: [] },
      { kind: 'fwd', name: 'opaque' },
    ])
    expect(ownTypes(split)).toMatchObject([
      { kind: 'array', type: 3, indexType: 1 },
      { kind: 'ptr', type: 5 },
      { kind: 'struct', name: 'module', members: [{ type: 9 }, { type: 6 }, { type: 4 }, { type: 10 }, { type: 7 }] },
      { kind: 'ptr', type: 2 },
      { kind: 'struct', name: '', members: [{ name: 'x', type: 1 }] },
    ])
  })

  it('refuses BTF without a base, and references that cannot be found again', () => {
    expect(() => distilBtf(kernel(0).btf)).toThrow('only split BTF can be distilled')
    const base = parseBtf(encodeBtf([int, { kind: 'var', name: 'jiffies', type: id(1), linkage: 'global' }]))
    const split = parseBtf(encodeBtf([{ kind: 'declTag', name: 'tag', type: id(2), componentIndex: -1 }], { base }), { base })
    expect(() => distilBtf(split)).toThrow('BTF type 2: var "jiffies" of the base cannot be referred to by distilled BTF')
  })
})

describe('relocateBtf', () => {
  it('finds the types of another kernel', () => {
    const other = kernel(7, { task: 128 })
    const split = distilled(moduleOn(kernel(3)))
    const relocated = parseBtf(relocateBtf(split, other.btf), { base: other.btf })
    const first = other.btf.endId
    const { ids } = other
    expect(ownTypes(relocated)).toMatchObject([
      { kind: 'array', type: ids.list, indexType: ids.int },
      { kind: 'ptr', type: ids.forward },
      {
        name: 'module',
        members: [{ type: first + 3 }, { type: first }, { type: ids.state }, { type: first + 4 }, { type: first + 1 }],
      },
      { kind: 'ptr', type: ids.task },
      { kind: 'struct', name: '', members: [{ type: ids.int }] },
    ])
  })

  it('refuses a base where a struct that is a member by value has another size', () => {
    const split = distilled(moduleOn(kernel(0)))
    const relocate = () => relocateBtf(split, kernel(0, { list: 24 }).btf)
    expect(relocate).toThrow('struct list has another size in the base, but is a member by value in the split BTF')
    expect(relocate).toThrow(BtfError)
  })

  it('tells structs of one name apart by size, and says when it cannot', () => {
    const user = (base: Btf) => parseBtf(encodeBtf([{ kind: 'ptr', type: id(1) }], { base }), { base })
    const split = distilled(user(parseBtf(encodeBtf([struct('node', 8)]))))
    const base = (...sizes: number[]) => parseBtf(encodeBtf(sizes.map(size => struct('node', size))))
    expect(parseBtf(relocateBtf(split, base(16, 8)), { base: base(16, 8) }).type(3)).toMatchObject({ kind: 'ptr', type: 2 })
    expect(parseBtf(relocateBtf(split, base(16)), { base: base(16) }).type(2)).toMatchObject({ kind: 'ptr', type: 1 })
    expect(() => relocateBtf(split, base(8, 8))).toThrow('struct node is ambiguous: types 1, 2 of the base are alike')
    expect(() => relocateBtf(split, base())).toThrow('struct node is not in the base')
  })

  it('takes a struct for a forward declaration, if there is no other forward declaration', () => {
    const user = (base: Btf) => parseBtf(encodeBtf([{ kind: 'ptr', type: id(1) }], { base }), { base })
    const forward: TypeInput = { kind: 'fwd', name: 'node', of: 'struct' }
    const split = distilled(user(parseBtf(encodeBtf([forward]))))
    const target = (...types: TypeInput[]) => {
      const base = parseBtf(encodeBtf(types))
      return parseBtf(relocateBtf(split, base), { base }).type(base.endId)
    }
    expect(target(int, struct('node', 8))).toMatchObject({ type: 2 })
    expect(target(struct('node', 8), forward)).toMatchObject({ type: 2 })
    expect(() => target({ ...struct('node', 8), kind: 'union' } as TypeInput)).toThrow('fwd node is not in the base')
  })

  it('on the base it came from, leads back to the types it was built on', () => {
    const old = kernel(2)
    const split = distilled(moduleOn(old))
    const relocated = parseBtf(relocateBtf(split, old.btf), { base: old.btf })
    expect(ownTypes(relocated).slice(0, 3)).toMatchObject([
      { kind: 'array', type: old.ids.list },
      { kind: 'ptr', type: old.ids.forward },
      { kind: 'struct', name: 'module' },
    ])
  })
})
