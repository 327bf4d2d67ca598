import { describe, expect, it } from 'vitest'
import { MapType } from '../constants/map-type'
import { newMap } from '../new-map'
import type { ProgramPlan } from '../plan-types'
import type { ExternSpec, MapSpec, ObjectSpec } from '../spec'
import { buildBtf } from '../testing/build-btf'
import { instructions, type Symbols, testFunction, testObject, testProgram } from '../testing/test-spec'
import { type TestTargetOptions, testTarget } from '../testing/test-target'
import { plan } from './plan'

const hash = newMap('hash', { type: MapType.Hash })
const bss = newMap('.bss', { type: MapType.Array, valueSize: 64, origin: { kind: 'data', section: '.bss', access: 'readWrite' } })
const kconfig = newMap('.kconfig', { type: MapType.Array, valueSize: 8, origin: { kind: 'data', section: '.kconfig', access: 'kconfig' } })

const local = buildBtf(b => {
  const int = b.int('int', 4, { signed: true })
  const proto = b.proto(int, int)
  return {
    kfunc: b.func('do_it', proto, 'extern'),
    flavoured: b.func('do_it___v2', proto, 'extern'),
    odd: b.func('do_odd', b.proto(int, b.ptr(0)), 'extern'),
    variable: b.variable('jiffies', int, 'extern'),
    option: b.variable('CONFIG_X', int, 'extern'),
  }
})
const vmlinux = buildBtf(b => {
  const int = b.int('int', 4, { signed: true })
  const proto = b.proto(int, int)
  return { int, do_it: b.func('do_it', proto), do_odd: b.func('do_odd', proto), jiffies: b.variable('jiffies', b.int('unsigned long', 8)) }
})
const module = buildBtf(b => b.func('do_mod', b.proto(vmlinux.ids.int, vmlinux.ids.int)), { base: vmlinux.btf })

/** A call of a helper that does not exist, as it is printed. */
const poison = (id: number) => `call 0x${id.toString(16)}`

interface Parts {
  readonly maps?: readonly MapSpec[]
  readonly externs?: readonly ExternSpec[]
  readonly target?: TestTargetOptions
}

/** Plans one program whose names stand for what `symbols` says. */
function program(text: string, symbols: Symbols, { maps = [hash, bss, kconfig], externs = [], target = {} }: Parts = {}): ProgramPlan {
  const spec: ObjectSpec = testObject({
    maps: [...maps],
    externs: [...externs],
    programs: [testProgram('main')],
    functions: [testFunction('main', text, symbols)],
    btf: local.btf,
  })
  const [planned] = plan(spec, testTarget(vmlinux.btf, target)).programs
  if (planned === undefined || planned.error !== undefined) throw planned?.error ?? new Error('nothing planned')
  return planned
}

const LOAD = 'r1 = x ll\nexit'

describe('a reference to a map', () => {
  it('leaves a hole for its descriptor', () => {
    const { code, holes } = program(LOAD, { x: { kind: 'map', map: 'hash' } })
    expect(instructions(code)).toEqual(['r1 = map_fd(0x0) ll', 'exit'])
    expect(holes).toEqual([{ slot: 0, kind: 'map', map: 'hash' }])
  })

  it('to its value keeps the offset', () => {
    const { code, holes } = program(LOAD, { x: { kind: 'mapValue', map: '.bss', offset: 24 } })
    expect(instructions(code)).toEqual(['r1 = map_value(0x0, 0x18) ll', 'exit'])
    expect(holes).toEqual([{ slot: 0, kind: 'mapValue', map: '.bss' }])
  })

  it('that is not created becomes two calls that cannot be made', () => {
    const maps = [newMap('other'), { ...hash, autoCreate: false }]
    const { code, holes, poisoned } = program(LOAD, { x: { kind: 'map', map: 'hash' } }, { maps })
    expect(instructions(code)).toEqual([poison(2001000001), poison(2001000001), 'exit'])
    expect(holes).toEqual([])
    expect(poisoned).toEqual([
      { slot: 0, imm: 2001000001, kind: 'map', map: 'hash', explanation: 'map "hash" is not created: its autoCreate is off' },
    ])
  })

  it('of global data does not work on kernels without', () => {
    const { poisoned } = program(LOAD, { x: { kind: 'mapValue', map: '.bss', offset: 0 } }, { target: { features: { globalData: false } } })
    expect(poisoned).toMatchObject([{ explanation: 'map ".bss" is not created: the kernel has no global data' }])
  })

  it('that does not exist, or in an instruction that cannot hold one, is an error', () => {
    expect(() => program(LOAD, { x: { kind: 'map', map: 'nothing' } })).toThrow(
      'program "main" (section socket): function "main", instruction 0: there is no map "nothing"',
    )
    expect(() => program('call x\nexit', { x: { kind: 'map', map: 'hash' } })).toThrow(
      expect.objectContaining({ code: 'ERR_BPF_PLAN_INSTRUCTION' }),
    )
  })
})

describe('a reference to a function', () => {
  it('is the distance to it', () => {
    const spec = testObject({
      programs: [testProgram('main')],
      functions: [
        testFunction('main', 'r1 = callback ll\ncall other\nexit'),
        testFunction('other', 'call main\nexit'),
        testFunction('callback', 'exit'),
      ],
    })
    const [planned] = plan(spec, testTarget(undefined)).programs
    expect(planned).toMatchObject({
      functions: [
        { name: 'main', slot: 0 },
        { name: 'callback', slot: 4 },
        { name: 'other', slot: 5 },
      ],
    })
    expect(instructions(planned?.error === undefined && planned?.code ? planned.code : new Uint8Array())).toEqual([
      'L1:',
      'r1 = func(pc+0x3) ll <L2>',
      'call pc+0x2 <L3>',
      'exit',
      'L2:',
      'exit',
      'L3:',
      'call pc-0x6 <L1>',
      'exit',
    ])
  })
})

describe('a reference to a kernel option', () => {
  const extern: ExternSpec = { kind: 'kconfig', name: 'CONFIG_X', weak: false, typeId: local.ids.option, offset: 4, size: 4 }
  const symbols: Symbols = { x: { kind: 'extern', extern: 'CONFIG_X', call: false } }

  it('is one to the map of options', () => {
    const { code, holes } = program(LOAD, symbols, { externs: [extern], target: { kconfig: { CONFIG_X: '7' } } })
    expect(instructions(code)[0]).toBe('r1 = map_value(0x0, 0x4) ll')
    expect(holes).toEqual([{ slot: 0, kind: 'mapValue', map: '.kconfig' }])
  })

  it('fails where the option is not set', () => {
    const target = { kconfig: { CONFIG_BPF: 'y' } }
    expect(() => program(LOAD, symbols, { externs: [extern], target })).toThrow('extern "CONFIG_X": the option is not set')
    expect(() => program(LOAD, symbols, { externs: [extern] })).toThrow('the configuration of the test kernel cannot be read')
    expect(() => program('exit', {}, { externs: [extern] })).not.toThrow()
  })
})

describe('a reference to a kernel symbol without a type', () => {
  const extern = (weak: boolean): ExternSpec => ({ kind: 'ksymVariable', name: '_stext', weak, typeId: 0, typed: false })
  const load = (weak: boolean, symbols: TestTargetOptions['symbols']) =>
    program(LOAD, { x: { kind: 'extern', extern: '_stext', call: false } }, { externs: [extern(weak)], target: { symbols: symbols ?? {} } })

  it('is its address', () => {
    expect(instructions(load(false, { _stext: 0xffffffff81000000n }).code)[0]).toBe('r1 = -0x7f000000 ll')
  })

  it('is 0 if it is weak and absent', () => {
    expect(instructions(load(true, {}).code)[0]).toBe('r1 = 0x0 ll')
  })

  it('fails if it is absent, ambiguous or hidden', () => {
    expect(() => load(false, {})).toThrow('extern "_stext": the test kernel has no such symbol')
    expect(() => load(true, { _stext: 'ambiguous' })).toThrow('several symbols')
    expect(() => load(true, { _stext: 'restricted' })).toThrow('hides the addresses')
  })

  it.each([
    [{}, /^the symbols of that kernel are not known/],
    [{ _etext: 1n, jiffies: 2n }, /^did you mean _etext\?$/],
    [{ jiffies: 2n }, /^if it is of a module, load that first; or declare it __weak/],
  ])('says what to do if it is absent from %o', (symbols, hint) => {
    expect(() => load(false, symbols)).toThrow(expect.objectContaining({ hint: expect.stringMatching(hint) }))
  })
})

describe('a reference to a kernel variable', () => {
  const extern: ExternSpec = { kind: 'ksymVariable', name: 'jiffies', weak: true, typeId: local.ids.variable, typed: true }

  it('is its BTF id', () => {
    const { code, holes } = program(LOAD, { x: { kind: 'extern', extern: 'jiffies', call: false } }, { externs: [extern] })
    expect(instructions(code)[0]).toBe(`r1 = btf_id(0x${vmlinux.ids.jiffies.toString(16)}) ll`)
    expect(holes).toEqual([])
  })

  it('is 0 if it is weak and absent, and cannot be called', () => {
    const absent: ExternSpec = { ...extern, name: 'absent' }
    expect(instructions(program(LOAD, { x: { kind: 'extern', extern: 'absent', call: false } }, { externs: [absent] }).code)[0]).toBe(
      'r1 = 0x0 ll',
    )
    expect(() => program('call x\nexit', { x: { kind: 'extern', extern: 'jiffies', call: true } }, { externs: [extern] })).toThrow(
      'is no function',
    )
  })
})

describe('a reference to a kernel function', () => {
  const kfunc = (name: string, typeId: ExternSpec['typeId'], weak = false): ExternSpec => ({ kind: 'kfunc', name, weak, typeId })
  const call = (externs: readonly ExternSpec[], name: string, target: TestTargetOptions = {}) =>
    program('call x\nexit', { x: { kind: 'extern', extern: name, call: true } }, { externs, target })

  it('is a call by BTF id', () => {
    const { code, kfuncModules } = call([kfunc('do_it', local.ids.kfunc)], 'do_it')
    expect([...code.subarray(0, 8)]).toEqual([0x85, 0x20, 0, 0, vmlinux.ids.do_it, 0, 0, 0])
    expect(kfuncModules).toEqual([])
  })

  it('ignores the flavour of its name', () => {
    const { code } = call([kfunc('do_it___v2', local.ids.flavoured)], 'do_it___v2')
    expect(code[4]).toBe(vmlinux.ids.do_it)
  })

  it('of a module names its place among the modules', () => {
    const { code, kfuncModules, holes } = call([kfunc('do_mod', local.ids.kfunc)], 'do_mod', { modules: { nf: module.btf } })
    expect([...code.subarray(0, 8)]).toEqual([0x85, 0x20, 1, 0, module.ids, 0, 0, 0])
    expect(kfuncModules).toEqual(['nf'])
    expect(holes).toEqual([])
  })

  it('fails if the kernel has another prototype, with what is different', () => {
    expect(() => call([kfunc('do_odd', local.ids.odd)], 'do_odd')).toThrow('another prototype: parameter 1: is int, expected ptr')
  })

  it('fails if it is absent, and says what comes near', () => {
    expect(() => call([kfunc('do_itt', local.ids.kfunc)], 'do_itt')).toThrow(expect.objectContaining({ hint: 'did you mean do_it?' }))
  })

  it('cannot be reached if it is weak and absent; the number counts options first, then symbols by name', () => {
    const option: ExternSpec = { kind: 'kconfig', name: 'CONFIG_X', weak: true, typeId: local.ids.option, offset: 0, size: 4 }
    const externs = [kfunc('zebra', local.ids.kfunc, true), kfunc('ape', local.ids.kfunc, true), option]
    const { code, poisoned } = call(externs, 'zebra')
    expect(instructions(code)[0]).toBe(poison(2002000002))
    expect(poisoned).toEqual([
      {
        slot: 0,
        imm: 2002000002,
        kind: 'kfunc',
        name: 'zebra',
        explanation: 'kernel function "zebra": the test kernel has no such kernel function',
      },
    ])
  })

  it('of a module can be an address, with a hole for the BTF of the module', () => {
    const externs = [kfunc('do_mod', local.ids.kfunc)]
    const { code, holes } = program(
      LOAD,
      { x: { kind: 'extern', extern: 'do_mod', call: false } },
      { externs, target: { modules: { nf: module.btf } } },
    )
    expect(instructions(code)[0]).toBe(`r1 = btf_id(0x${module.ids.toString(16)}) ll`)
    expect(holes).toEqual([{ slot: 0, kind: 'moduleBtf', module: 'nf' }])
  })

  it('can be an address', () => {
    const { code } = program(LOAD, { x: { kind: 'extern', extern: 'do_it', call: false } }, { externs: [kfunc('do_it', local.ids.kfunc)] })
    expect(instructions(code)[0]).toBe(`r1 = btf_id(0x${vmlinux.ids.do_it.toString(16)}) ll`)
  })
})

describe('helpers that read memory', () => {
  const names = ['probe_read_user', 'probe_read_kernel', 'probe_read_user_str', 'probe_read_kernel_str']
  const text = `${names.map(name => `call bpf_${name}`).join('\n')}\nr1 = 113\nexit`

  it('are replaced by those of old kernels', () => {
    const { code } = program(text, {}, { target: { features: { probeReadKernel: false } } })
    expect([4, 12, 20, 28, 36].map(at => code[at])).toEqual([4, 4, 45, 45, 113])
  })

  it('stay where the kernel has them', () => {
    expect([4, 12, 20, 28].map(at => program(text, {}).code[at])).toEqual([112, 113, 114, 115])
  })
})
