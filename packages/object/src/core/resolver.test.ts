import { type Btf, CoreKind } from '@bpf/btf'
import { describe, expect, it } from 'vitest'
import { buildBtf, type TestBtf } from '../testing/build-btf'
import { testTarget } from '../testing/test-target'
import { CoreError } from './core-error'
import { CoreResolver } from './resolver'

/** The program's own idea of a task: `struct task { int pid; char comm[16]; struct { unsigned int on:3, cpu:5; }; long *stack; }`. */
function localTask(b: TestBtf, name = 'task') {
  const int = b.int('int', 4, { signed: true })
  const u32 = b.int('unsigned int', 4)
  const char = b.int('char', 1, { char: true })
  const flags = b.struct('', 4, ['on', u32, 0, 3], ['cpu', u32, 3, 5])
  const stack = b.ptr(b.int('long', 8, { signed: true }))
  return b.struct(name, 32, ['pid', int, 0], ['comm', b.array(char, 16), 4], ['', flags, 20], ['stack', stack, 24])
}

/** The kernel's: `pid` is a long further down, `comm` is longer, the flags have moved, there is no `stack`. */
function kernelTask(b: TestBtf) {
  const u64 = b.int('unsigned long', 8)
  const u32 = b.int('unsigned int', 4)
  const char = b.int('char', 1, { char: true })
  return b.struct(
    'task',
    80,
    ['state', u64, 0],
    ['pid', u64, 8],
    ['comm', b.array(char, 32), 16],
    ['on', u32, 48 * 8 + 29, 2],
    ['cpu', u32, 48 * 8 + 31, 1],
  )
}

const local = buildBtf(b => localTask(b))
const kernel = buildBtf(kernelTask)

function ask(kind: number, access = '0', target: Btf = kernel.btf, own = local) {
  return new CoreResolver(own.btf, testTarget(target)).resolve({ typeId: own.ids, access, kind })
}

const PID = '0:0'
const COMM_3 = '0:1:3'
const CPU = '0:2:1'
const STACK = '0:3'

describe('field relocations', () => {
  it.each([
    ['offset of a field', CoreKind.FieldByteOffset, PID, 0n, 8n, 'struct task.pid'],
    ['offset of an array element', CoreKind.FieldByteOffset, COMM_3, 7n, 19n, 'struct task.comm[3]'],
    ['size', CoreKind.FieldByteSize, PID, 4n, 8n, 'struct task.pid'],
    ['existence', CoreKind.FieldExists, PID, 1n, 1n, 'struct task.pid'],
    ['signedness', CoreKind.FieldSigned, PID, 1n, 0n, 'struct task.pid'],
    ['offset of a bit field', CoreKind.FieldByteOffset, CPU, 20n, 48n, 'struct task.cpu'],
    ['size of the load of a bit field', CoreKind.FieldByteSize, CPU, 4n, 4n, 'struct task.cpu'],
    ['left shift', CoreKind.FieldLshiftU64, CPU, 56n, 32n, 'struct task.cpu'],
    ['right shift', CoreKind.FieldRshiftU64, CPU, 59n, 63n, 'struct task.cpu'],
  ])('%s', (_, kind, access, before, after, path) => {
    expect(ask(kind, access)).toMatchObject({ before, after, path, access, kind })
  })

  it.each([
    [CoreKind.FieldExists, 0n],
    [CoreKind.FieldByteOffset, undefined],
    [CoreKind.FieldByteSize, undefined],
    [CoreKind.FieldSigned, undefined],
  ])('kind %i of a field that the target lacks is %s', (kind, after) => {
    const resolution = ask(kind, STACK)
    expect(resolution.after).toBe(after)
    expect(resolution.candidates).toEqual([{ name: 'task', typeId: kernel.ids, module: undefined, mismatch: 'no member stack' }])
  })

  it('find the load of a bit field that crosses the size of its type', () => {
    const wide = buildBtf(b => b.struct('task', 16, ['on', b.int('unsigned int', 4), 30, 4]))
    expect(ask(CoreKind.FieldByteSize, '0:2:0', wide.btf)).toMatchObject({ after: 8n })
    expect(ask(CoreKind.FieldByteOffset, '0:2:0', wide.btf)).toMatchObject({ after: 0n })
    expect(ask(CoreKind.FieldLshiftU64, '0:2:0', wide.btf)).toMatchObject({ after: 30n })
    const wider = buildBtf(b => b.struct('task', 16, ['on', b.int('unsigned int', 4), 62, 4]))
    expect(() => ask(CoreKind.FieldByteSize, '0:2:0', wider.btf)).toThrow('one load of 8 bytes')
  })

  it('shift bit fields from the other side in big-endian kernels', () => {
    const own = buildBtf(b => localTask(b), { littleEndian: false })
    const big = buildBtf(kernelTask, { littleEndian: false })
    const resolver = new CoreResolver(own.btf, testTarget(big.btf, { littleEndian: false }))
    const shift = (kind: number) => resolver.resolve({ typeId: own.ids, access: CPU, kind })
    expect(shift(CoreKind.FieldLshiftU64)).toMatchObject({ before: 35n, after: 63n })
    expect(shift(CoreKind.FieldRshiftU64)).toMatchObject({ before: 59n, after: 63n })
  })

  it('tell the width of the memory, of one element of an array', () => {
    expect(ask(CoreKind.FieldByteOffset, PID)).toMatchObject({ widthBefore: 4, widthAfter: 8, widthMayChange: false })
    expect(ask(CoreKind.FieldByteOffset, '0:1')).toMatchObject({ widthBefore: 1, widthAfter: 1 })
    expect(ask(CoreKind.FieldByteOffset, CPU)).toMatchObject({ widthBefore: 0, widthAfter: 0, checked: false })
  })
})

describe('type relocations', () => {
  it.each([
    ['local id', CoreKind.TypeIdLocal, BigInt(local.ids)],
    ['id', CoreKind.TypeIdTarget, BigInt(kernel.ids)],
    ['existence', CoreKind.TypeExists, 1n],
    ['size', CoreKind.TypeSize, 80n],
    ['match', CoreKind.TypeMatches, 0n],
  ])('%s', (_, kind, after) => {
    expect(ask(kind).after).toBe(after)
  })

  it.each([CoreKind.TypeIdTarget, CoreKind.TypeExists, CoreKind.TypeSize, CoreKind.TypeMatches])('kind %i of a missing type is 0', kind => {
    const empty = buildBtf(b => b.int('int', 4))
    expect(ask(kind, '0', empty.btf)).toMatchObject({ after: 0n, candidates: [] })
  })

  it('say what does not match', () => {
    expect(ask(CoreKind.TypeMatches).candidates[0]?.mismatch).toBe('pid: is unsigned long, expected int')
  })
})

describe('enumerator relocations', () => {
  const values = (values: Record<string, number | bigint>, size?: number, signed?: boolean) =>
    buildBtf(b => b.enum('map_type', values, { size: size ?? 4, signed: signed ?? false }))
  const own = values({ HASH: 1, ARRAY: 2, NEW___v2: 3 })

  it.each([
    ['value', CoreKind.EnumvalValue, '1', values({ NONE: 0, ARRAY: 7 }), 7n],
    ['value of 64 bits', CoreKind.EnumvalValue, '1', values({ ARRAY: 1n << 40n }, 8), 1n << 40n],
    ['negative value', CoreKind.EnumvalValue, '1', values({ ARRAY: -2 }, 4, true), 0xffff_ffff_ffff_fffen],
    ['negative value of an enum without sign flag', CoreKind.EnumvalValue, '1', values({ ARRAY: 0xffff_fffe }), 0xffff_ffff_ffff_fffen],
    ['unsigned value of 64 bits', CoreKind.EnumvalValue, '1', values({ ARRAY: 0xffff_fffen }, 8), 0xffff_fffen],
    ['value by the name without flavour', CoreKind.EnumvalValue, '2', values({ NEW: 9 }), 9n],
    ['existence', CoreKind.EnumvalExists, '1', values({ ARRAY: 2 }), 1n],
    ['absence', CoreKind.EnumvalExists, '1', values({ HASH: 2 }), 0n],
    ['value of what is absent', CoreKind.EnumvalValue, '1', values({ HASH: 2 }), undefined],
  ])('%s', (_, kind, access, target, after) => {
    expect(ask(kind, access, target.btf, own).after).toBe(after)
  })

  it('do not insist on what the instruction holds where the sign is unknown', () => {
    const old = values({ HASH: 0xffff_ffff })
    expect(ask(CoreKind.EnumvalValue, '0', old.btf, old)).toMatchObject({ checked: false, after: 0xffff_ffff_ffff_ffffn })
    expect(ask(CoreKind.EnumvalValue, '0', own.btf, own)).toMatchObject({ checked: true })
  })
})

describe('candidates', () => {
  const one = (name: string, offset: number) => (b: TestBtf) => b.struct(name, 64, ['pid', b.int('int', 4), offset])
  const request = { typeId: local.ids, access: PID, kind: CoreKind.FieldByteOffset }

  it('are all flavours of a name', () => {
    const flavoured = buildBtf(one('task___v2', 40))
    expect(ask(CoreKind.FieldByteOffset, PID, flavoured.btf).after).toBe(40n)
    const own = buildBtf(b => localTask(b, 'task___mine'))
    expect(ask(CoreKind.FieldByteOffset, PID, buildBtf(one('task', 40)).btf, own).after).toBe(40n)
  })

  it('are of the same kind', () => {
    const union = buildBtf(b => b.union('task', 4, ['pid', b.int('int', 4), 0]))
    expect(ask(CoreKind.FieldExists, PID, union.btf)).toMatchObject({ after: 0n, candidates: [] })
  })

  it('must agree', () => {
    const twins = buildBtf(b => [one('task', 8)(b), one('task___other', 8)(b)])
    expect(ask(CoreKind.FieldByteOffset, PID, twins.btf)).toMatchObject({
      after: 8n,
      candidates: [{ name: 'task' }, { name: 'task___other' }],
    })
    const rivals = buildBtf(b => [one('task', 8)(b), one('task___other', 16)(b)])
    const ambiguous = () => ask(CoreKind.FieldByteOffset, PID, rivals.btf)
    expect(ambiguous).toThrow(expect.objectContaining({ code: 'ERR_BPF_CORE_AMBIGUOUS', path: 'struct task.pid' }))
    expect(ambiguous).toThrow('[2] struct task of vmlinux has 8 (bit 64); [4] struct task___other of vmlinux has 16 (bit 128)')
  })

  it('that did not match once are left out afterwards', () => {
    const rivals = buildBtf(b => [one('task', 8)(b), b.struct('task___other', 64, ['stack', b.ptr(0), 0], ['pid', b.int('int', 4), 16])])
    const resolver = new CoreResolver(local.btf, testTarget(rivals.btf))
    expect(resolver.resolve({ ...request, access: STACK }).after).toBe(0n)
    expect(resolver.resolve(request)).toMatchObject({
      after: 16n,
      candidates: [
        { name: 'task___other', mismatch: undefined },
        { name: 'task', mismatch: 'no member stack' },
      ],
    })
  })

  it('are looked for in modules only when vmlinux has none', () => {
    const vmlinux = buildBtf(b => b.int('int', 4))
    const module = buildBtf(b => one('task', 24)(b), { base: vmlinux.btf })
    const modules = { nf: module.btf }
    expect(new CoreResolver(local.btf, testTarget(vmlinux.btf, { modules })).resolve(request)).toMatchObject({
      after: 24n,
      candidates: [{ module: 'nf' }],
    })
    const both = buildBtf(one('task', 8))
    expect(new CoreResolver(local.btf, testTarget(both.btf, { modules })).resolve(request).after).toBe(8n)
  })

  it("are looked for in BTF made for the kernel where there is some, not in the kernel's own", () => {
    const vmlinux = buildBtf(one('task', 8))
    const minimised = buildBtf(one('task', 16))
    const coreTypes = testTarget(minimised.btf)
    const resolver = new CoreResolver(local.btf, { ...testTarget(vmlinux.btf), coreTypes })
    expect(resolver.resolve(request)).toMatchObject({ after: 16n })
  })

  it('do not exist for types without a name', () => {
    const own = buildBtf(b => b.struct('', 4, ['pid', b.int('int', 4), 0]))
    const resolver = new CoreResolver(own.btf, testTarget(kernel.btf))
    expect(() => resolver.resolve({ ...request, typeId: own.ids })).toThrow('without a name')
    expect(resolver.resolve({ typeId: own.ids, access: '0', kind: CoreKind.TypeIdLocal }).after).toBe(BigInt(own.ids))
  })

  it('need BTF', () => {
    const resolver = new CoreResolver(local.btf, testTarget(undefined))
    expect(() => resolver.resolve(request)).toThrow(CoreError)
    expect(() => resolver.resolve(request)).toThrow(expect.objectContaining({ code: 'ERR_BPF_CORE_NO_BTF' }))
  })

  it('are looked up once for each question', () => {
    const resolver = new CoreResolver(local.btf, testTarget(kernel.btf))
    expect(resolver.resolve(request)).toBe(resolver.resolve({ ...request }))
  })
})
