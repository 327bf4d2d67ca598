import type { Btf } from '@bpf/btf'
import { describe, expect, it } from 'vitest'
import { MapFlag } from '../constants/flags'
import { MapType } from '../constants/map-type'
import { ProgType } from '../constants/prog-type'
import { newMap } from '../new-map'
import type { LoadPlan } from '../plan-types'
import type { ObjectSpec, StructOpsSpec } from '../spec'
import { buildBtf, type TestBtf } from '../testing/build-btf'
import { testFunction, testObject, testProgram } from '../testing/test-spec'
import { testTarget } from '../testing/test-target'
import { type PlanOptions, plan } from './plan'

/** `struct ops { long (*init)(void); int flags; long (*stop)(void); char gone; }` as the program knows it. */
const local = buildBtf(b => {
  const int = b.int('int', 4, { signed: true })
  const callback = b.ptr(b.proto(int))
  return b.struct('ops___mine', 32, ['init', callback, 0], ['flags', int, 8], ['stop', callback, 16], ['gone', b.int('char', 1), 24])
})

/** The kernel's has another order and no `gone`, and sits at byte 16 of the value. */
function kernelTypes(b: TestBtf, members: 'usual' | 'without stop' | 'wrong size' = 'usual') {
  const int = b.int('int', 4, { signed: true })
  const callback = b.ptr(b.proto(int))
  const flags = members === 'wrong size' ? b.int('long', 8) : int
  const ops = b.struct('ops', 24, ['flags', flags, 0], ...(members === 'without stop' ? [] : [['stop', callback, 8] as const]), [
    'init',
    callback,
    16,
  ])
  return { ops, value: b.struct('bpf_struct_ops_ops', 40, ['common', int, 0], ['data', ops, 16]) }
}

const variable: StructOpsSpec = {
  map: 'my_ops',
  typeId: local.ids,
  typeName: 'ops___mine',
  link: true,
  contents: Uint8Array.from({ length: 32 }, (_, index) => (index === 8 ? 7 : 0)),
  programs: [
    { member: 'init', memberIndex: 0, program: 'init' },
    { member: 'stop', memberIndex: 2, program: 'stop' },
  ],
}
const map = newMap('my_ops', {
  type: MapType.StructOps,
  keySize: 4,
  valueSize: 32,
  maxEntries: 1,
  valueTypeId: local.ids,
  origin: { kind: 'structOps', variable: 'my_ops' },
})

function planned(
  parts: Partial<ObjectSpec> = {},
  kernel: { readonly btf: Btf } = buildBtf(b => kernelTypes(b)),
  options: PlanOptions = {},
  modules = {},
): LoadPlan {
  const programs = ['init', 'stop'].map(name =>
    testProgram(name, { section: 'struct_ops', pattern: 'struct_ops+', type: ProgType.StructOps }),
  )
  const functions = ['init', 'stop'].map(name => testFunction(name, 'exit'))
  const spec = testObject({ btf: local.btf, maps: [map], structOps: [variable], programs, functions, ...parts })
  return plan(spec, testTarget(kernel.btf, { modules }), options)
}

describe('a struct_ops variable', () => {
  const kernel = buildBtf(b => kernelTypes(b))

  it('is translated into the kernel’s layout', () => {
    const { maps, structOps, btfRequired } = planned({}, kernel)
    expect(maps[0]).toMatchObject({
      valueSize: 40,
      valueTypeId: 0,
      vmlinuxValueType: { typeId: kernel.ids.value, module: undefined },
      flags: MapFlag.Link,
    })
    const value = new Uint8Array(40)
    value[16] = 7
    const programs = [
      { offset: 32, program: 'init' },
      { offset: 24, program: 'stop' },
    ]
    expect(structOps).toEqual([{ map: 'my_ops', link: true, value, programs }])
    expect(btfRequired).toBe(true)
  })

  it('tells its programs what they are', () => {
    expect(planned({}, kernel).programs).toMatchObject([
      { name: 'init', expectedAttachType: 2, attachBtfId: kernel.ids.ops, attachTarget: 'ops.init' },
      { name: 'stop', expectedAttachType: 1, attachBtfId: kernel.ids.ops, attachTarget: 'ops.stop' },
    ])
  })

  it('can be of a module', () => {
    const vmlinux = buildBtf(b => b.int('int', 4))
    const module = buildBtf(b => kernelTypes(b), { base: vmlinux.btf })
    const { maps, programs } = planned({}, vmlinux, {}, { tcp_x: module.btf })
    expect(maps[0]).toMatchObject({
      vmlinuxValueType: { typeId: module.ids.value, module: 'tcp_x' },
      flags: MapFlag.Link | MapFlag.VtypeBtfObjFd,
    })
    expect(programs[0]).toMatchObject({ attachBtfId: module.ids.ops, attachBtfModule: 'tcp_x' })
  })

  it('leaves out functions that the kernel does not know', () => {
    const { programs, structOps } = planned(
      {},
      buildBtf(b => kernelTypes(b, 'without stop')),
    )
    expect(programs.map(program => program.name)).toEqual(['init'])
    expect(structOps[0]?.programs).toHaveLength(1)
  })

  it('that is not created takes its programs with it', () => {
    const { programs, structOps, maps } = planned({ maps: [{ ...map, autoCreate: false }] })
    expect([programs, structOps, maps]).toEqual([[], [], []])
  })

  it('turns on programs that were off', () => {
    const programs = ['init', 'stop'].map(name => testProgram(name, { type: ProgType.StructOps, autoLoad: false }))
    expect(planned({ programs }).programs).toHaveLength(2)
  })

  it.each<[string, Partial<StructOpsSpec>, { readonly btf: Btf } | undefined, string]>([
    [
      'sets what the kernel lacks',
      { contents: new Uint8Array(32).fill(1, 24, 25) },
      undefined,
      "the kernel's struct has no member gone, which is set",
    ],
    ['has a member of another size', {}, buildBtf(b => kernelTypes(b, 'wrong size')), 'member flags has 8 bytes in the kernel, not 4'],
    ['is of a type that the kernel does not offer', { typeName: 'other' }, undefined, 'the test kernel has no struct bpf_struct_ops_other'],
    ['is shorter than its type', { contents: new Uint8Array(8) }, undefined, 'member flags is outside the variable'],
  ])('that %s is refused', (_, parts, kernel, message) => {
    const structOps = [{ ...variable, ...parts }]
    expect(() => planned({ structOps }, kernel)).toThrow(
      expect.objectContaining({ code: 'ERR_BPF_PLAN_STRUCT_OPS', message: expect.stringContaining(message) }),
    )
    const { programs, maps, warnings } = planned({ structOps }, kernel, { keepGoing: true })
    expect(maps).toEqual([])
    expect(warnings).toEqual([expect.stringContaining(message)])
    expect(programs.map(program => program.error?.message)).toEqual([expect.stringContaining(message), expect.stringContaining(message)])
  })

  it('is refused where the BTF of the kernel claims an impossible size', () => {
    const kernel = buildBtf(b => {
      const ops = b.struct('ops', 8, ['flags', b.int('int', 4), 0])
      b.struct('bpf_struct_ops_ops', 0xffff_ffff, ['data', ops, 0])
    })
    expect(() => planned({}, kernel)).toThrow('has 4294967295 bytes, which cannot be')
  })

  it('shares a program with another variable only in the same place', () => {
    const second = { ...map, name: 'other_ops' }
    const same = planned({ maps: [map, second], structOps: [variable, { ...variable, map: 'other_ops' }] })
    expect(same.structOps).toHaveLength(2)
    const swapped = [
      { member: 'init', memberIndex: 0, program: 'stop' },
      { member: 'stop', memberIndex: 2, program: 'init' },
    ]
    expect(() => planned({ maps: [map, second], structOps: [variable, { ...variable, map: 'other_ops', programs: swapped }] })).toThrow(
      'used as ops.init and as ops.stop',
    )
  })

  it('is needed by a struct_ops program', () => {
    expect(() => planned({ structOps: [], maps: [] })).toThrow('no struct_ops variable refers to the program')
  })
})
