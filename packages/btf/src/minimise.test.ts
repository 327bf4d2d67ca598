import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BtfBuilder } from './builder'
import { encodeBtf } from './encode'
import { BtfError } from './errors'
import { minimiseBtf } from './minimise'
import { parseBtf } from './parse'
import { anyTypes } from './testing/type-graphs'
import type { Btf, BtfType, TypeId } from './types'

const id = (n: number): TypeId => n as TypeId

/**
 * struct task { int pid; struct task *parent; union { long usage; struct { short lo; short hi; }; }; pid_t ids[2]; }
 * with typedef int pid_t.
 */
function kernel(): Btf {
  const btf = new BtfBuilder()
  const member = (name: string, type: TypeId, bitOffset: number, bitSize = 0) => ({ name, type, bitOffset, bitSize })
  const int = btf.add({ kind: 'int', name: 'int', size: 4, encoding: { signed: true } })
  const long = btf.add({ kind: 'int', name: 'long', size: 8, encoding: { signed: true } })
  const short = btf.add({ kind: 'int', name: 'short', size: 2, encoding: { signed: true } })
  const task = btf.reserve()
  const pointer = btf.add({ kind: 'ptr', type: task })
  const halves = btf.add({ kind: 'struct', size: 4, members: [member('lo', short, 0), member('hi', short, 16)] })
  const union = btf.add({ kind: 'union', size: 8, members: [member('usage', long, 0), member('', halves, 0)] })
  const pid = btf.add({ kind: 'typedef', name: 'pid_t', type: int })
  const ids = btf.add({ kind: 'array', type: pid, indexType: int, length: 2 })
  btf.set(task, {
    kind: 'struct',
    name: 'task',
    size: 32,
    members: [member('pid', int, 0), member('parent', pointer, 64), member('', union, 128), member('ids', ids, 192)],
  })
  btf.add({ kind: 'enum', name: 'state', size: 4, signed: false, values: [{ name: 'RUNNING', value: 0n }] })
  return parseBtf(btf.toBytes())
}
const task = id(4)
const halves = id(6)
const state = id(10)

const allTypes = (btf: Btf): BtfType[] => Array.from({ length: btf.endId - 1 }, (_, index) => btf.type(index + 1))

function minimised(uses: Parameters<typeof minimiseBtf>[1]): BtfType[] {
  return allTypes(parseBtf(minimiseBtf(kernel(), uses).bytes))
}

/** Whether an anonymous member's type leads back to itself: such types have no meaning, and are refused. */
function hasEndlessMember(btf: Btf): boolean {
  const isEndless = (start: TypeId) => {
    let type = btf.type(start)
    for (let steps = 0; steps < btf.endId; steps++) {
      if (
        type.kind !== 'typedef' &&
        type.kind !== 'const' &&
        type.kind !== 'volatile' &&
        type.kind !== 'restrict' &&
        type.kind !== 'typeTag'
      )
        return false
      type = btf.type(type.type)
    }
    return true
  }
  return allTypes(btf).some(type => 'members' in type && type.members.some(member => member.name === '' && isEndless(member.type)))
}

describe('minimiseBtf', () => {
  it('keeps nothing that is not asked for', () => {
    expect(minimised({})).toEqual([])
  })

  it('keeps a struct of which only the size is asked for without members', () => {
    expect(minimised({ typeIds: [task] })).toMatchObject([{ kind: 'struct', name: 'task', size: 32, members: [] }])
  })

  it('keeps members at their offsets, and no struct behind a pointer', () => {
    expect(minimised({ members: new Map([[task, [1, 3]]]) })).toMatchObject([
      { kind: 'int', name: 'int' },
      {
        kind: 'struct',
        name: 'task',
        size: 32,
        members: [
          { name: 'parent', type: 3, bitOffset: 64 },
          { name: 'ids', type: 5, bitOffset: 192 },
        ],
      },
      { kind: 'ptr', type: 2 },
      { kind: 'typedef', name: 'pid_t', type: 1 },
      { kind: 'array', type: 4, indexType: 1, length: 2 },
    ])
    const sole = encodeBtf([
      { kind: 'ptr', type: id(2) },
      { kind: 'struct', name: 'other', size: 0, members: [] },
      { kind: 'struct', name: 'user', size: 8, members: [{ name: 'other', type: id(1), bitOffset: 0, bitSize: 0 }] },
    ])
    const { bytes, typeId } = minimiseBtf(parseBtf(sole), { members: new Map([[3, [0]]]) })
    expect(allTypes(parseBtf(bytes))).toMatchObject([{ kind: 'ptr', type: 0 }, { name: 'user' }])
    expect([1, 2, 3].map(typeId)).toEqual([1, undefined, 2])
  })

  it('keeps anonymous members that lead to a kept one', () => {
    const types = minimised({
      members: new Map([
        [task, [0]],
        [halves, [1]],
      ]),
    })
    expect(types).toMatchObject([
      { name: 'int' },
      { name: 'short' },
      { name: 'task', members: [{ name: 'pid' }, { name: '', type: 5, bitOffset: 128 }] },
      { kind: 'struct', name: '', members: [{ name: 'hi', bitOffset: 16 }] },
      { kind: 'union', members: [{ name: '', type: 4 }] },
    ])
  })

  it('keeps all members of types that are compared as a whole, but behind pointers only names', () => {
    const types = minimised({ matched: [task] })
    expect(types).toHaveLength(allTypes(kernel()).length - 1)
    const chain = encodeBtf([
      { kind: 'struct', name: 'inner', size: 8, members: [{ name: 'self', type: id(2), bitOffset: 0, bitSize: 0 }] },
      { kind: 'ptr', type: id(1) },
      { kind: 'struct', name: 'outer', size: 8, members: [{ name: 'inner', type: id(2), bitOffset: 0, bitSize: 0 }] },
    ])
    expect(allTypes(parseBtf(minimiseBtf(parseBtf(chain), { matched: [3] }).bytes))).toMatchObject([
      { name: 'inner', members: [] },
      { kind: 'ptr', type: 1 },
      { name: 'outer', members: [{ name: 'inner' }] },
    ])
  })

  it('keeps enums whole', () => {
    expect(minimised({ typeIds: [state] })).toMatchObject([{ kind: 'enum', values: [{ name: 'RUNNING' }] }])
  })

  it('makes one blob of split BTF and its base', () => {
    const base = kernel()
    const split = parseBtf(encodeBtf([{ kind: 'typedef', name: 'task_t', type: task }], { base }), { base })
    expect(allTypes(parseBtf(minimiseBtf(split, { typeIds: [base.endId] }).bytes))).toMatchObject([
      { kind: 'struct', name: 'task' },
      { kind: 'typedef', name: 'task_t', type: 1 },
    ])
  })

  it('says which member there is not', () => {
    expect(() => minimised({ members: new Map([[task, [4]]]) })).toThrow('type 4 (struct task) has no member 4')
    expect(() => minimised({ members: new Map([[1, [0]]]) })).toThrow(BtfError)
  })

  it('refuses an anonymous member whose type leads back to itself', () => {
    const member = { name: '', type: id(1), bitOffset: 0, bitSize: 0 }
    const cycle = parseBtf(
      encodeBtf([
        { kind: 'const', type: id(1) },
        { kind: 'struct', name: 'holder', size: 0, members: [member] },
      ]),
    )
    expect(() => minimiseBtf(cycle, { typeIds: [2] })).toThrow(expect.objectContaining({ code: 'ERR_BPF_BTF_CYCLE' }))
  })

  it('leaves sizes, names and kept members as they are', () => {
    const whole = anyTypes()
      .map(types => parseBtf(encodeBtf(types)))
      .filter(btf => !hasEndlessMember(btf))
    fc.assert(
      fc.property(whole, fc.array(fc.nat()), (btf, picks) => {
        const typeIds = picks.map(pick => pick % btf.endId)
        const { bytes, typeId } = minimiseBtf(btf, { typeIds, matched: typeIds.slice(0, 1) })
        const small = parseBtf(bytes)
        for (const type of allTypes(btf)) {
          const kept = typeId(type.id)
          if (kept === undefined) continue
          const { kind, name } = small.type(kept)
          expect({ kind, name }).toEqual({ kind: type.kind, name: type.name })
          if ('size' in type) expect(small.type(kept)).toMatchObject({ size: type.size })
        }
        for (const pick of typeIds) if (pick !== 0) expect(typeId(pick)).toBeDefined()
      }),
    )
  })
})
