import { describe, expect, it } from 'vitest'
import { AttachType } from '../constants/attach-type'
import { ProgType } from '../constants/prog-type'
import type { ProgramPlan } from '../plan-types'
import { matchSection } from '../sections/match-section'
import type { FunctionSpec, ObjectSpec, ProgramSpec } from '../spec'
import { buildBtf } from '../testing/build-btf'
import { testFunction, testObject, testProgram } from '../testing/test-spec'
import { type TestTargetOptions, testTarget } from '../testing/test-target'
import { plan } from './plan'

const vmlinux = buildBtf(b => {
  const int = b.int('int', 4, { signed: true })
  const proto = b.proto(int)
  return {
    read: b.func('vfs_read', proto),
    openat: b.func('do_sys_openat2', proto),
    lsm: b.func('bpf_lsm_file_open', proto),
    iter: b.func('bpf_iter_task', proto),
    tracepoint: b.typedef('btf_trace_sched_switch', b.ptr(proto)),
  }
})
const modules = {
  nf: buildBtf(b => b.func('nf_hook', b.proto(0)), { base: vmlinux.btf }).btf,
  nf_tables: buildBtf(b => [b.func('nft_do_chain', b.proto(0)), b.func('vfs_read', b.proto(0))], { base: vmlinux.btf }).btf,
}

/** A program of a section, as reading makes it. */
function inSection(section: string, parts: Partial<ProgramSpec> = {}): ProgramSpec {
  const match = matchSection(section)
  const {
    pattern,
    type = 0,
    expectedAttachType = 0,
    loadFlags: flags = 0,
    target: attachTarget,
  } = match ?? { pattern: undefined, target: undefined }
  return testProgram('main', { section, pattern, type, expectedAttachType, flags, attachTarget, ...parts })
}

function planned(
  program: ProgramSpec,
  target: TestTargetOptions = {},
  parts: Partial<ObjectSpec> = {},
  main: FunctionSpec = testFunction('main', 'exit'),
): ProgramPlan {
  const spec = testObject({ programs: [program], functions: [main], ...parts })
  const [result] = plan(spec, testTarget(vmlinux.btf, { modules, ...target })).programs
  if (result === undefined || result.error !== undefined) throw result?.error ?? new Error('not planned')
  return result
}

describe('what a program attaches to', () => {
  it.each([
    ['fentry/vfs_read', vmlinux.ids.read, undefined],
    ['fexit/vfs_read', vmlinux.ids.read, undefined],
    ['fmod_ret/vfs_read', vmlinux.ids.read, undefined],
    ['fentry/vmlinux:vfs_read', vmlinux.ids.read, undefined],
    ['tp_btf/sched_switch', vmlinux.ids.tracepoint, undefined],
    ['lsm/file_open', vmlinux.ids.lsm, undefined],
    ['lsm_cgroup/file_open', vmlinux.ids.lsm, undefined],
    ['iter/task', vmlinux.ids.iter, undefined],
    ['fentry/nf:nf_hook', modules.nf.startId + 1, 'nf'],
    ['fentry/nft_do_chain', modules.nf_tables.startId + 1, 'nf_tables'],
    ['fentry/nf_tables:vfs_read', modules.nf_tables.startId + 3, 'nf_tables'],
  ])('%s is found in BTF', (section, attachBtfId, attachBtfModule) => {
    expect(planned(inSection(section))).toMatchObject({ attachBtfId, attachBtfModule, needsTargetProgram: false })
  })

  it.each(['kprobe/vfs_read', 'xdp', 'raw_tp/sched_switch', 'socket', 'tracepoint/sched/sched_switch'])('%s needs no BTF', section => {
    expect(planned(inSection(section))).toMatchObject({ attachBtfId: 0, attachBtfModule: undefined })
  })

  it('of several functions is only a module', () => {
    expect(planned(inSection('fentry.multi/vfs_*'))).toMatchObject({ attachBtfId: 0, attachBtfModule: undefined })
    expect(planned(inSection('fentry.multi/nf:nf_*'))).toMatchObject({ attachBtfId: 0, attachBtfModule: 'nf' })
  })

  it('of a program is known only when loading', () => {
    expect(planned(inSection('freplace/get_len'))).toMatchObject({ attachBtfId: 0, attachTarget: 'get_len', needsTargetProgram: true })
    expect(planned(inSection('fentry/get_len', { attachToProgram: true }))).toMatchObject({ attachBtfId: 0, needsTargetProgram: true })
  })

  it('can be changed', () => {
    expect(planned(inSection('fentry', { attachTarget: 'vfs_read' })).attachBtfId).toBe(vmlinux.ids.read)
  })

  it.each([
    ['fentry', 'nothing says what the program attaches to', 'fentry/FUNCTION'],
    ['fentry/vfs_raed', 'the test kernel has no such function in its BTF', 'did you mean vfs_read?'],
    ['fentry/openat', 'no such function', 'did you mean do_sys_openat2?'],
    ['lsm/file_opne', 'no such hook (bpf_lsm_file_opne)', 'did you mean file_open?'],
    ['tp_btf/sched_swich', 'no such hook (btf_trace_sched_swich)', 'did you mean sched_switch?'],
    ['fentry/hidden_one', 'no such function', 'a kprobe can attach to it'],
    ['fentry/qqqqqqqqqqqq', 'no such function', 'inlined'],
    ['fentry/absent:func', 'no BTF of a module "absent"', 'is the module loaded?'],
    // A module's name is not taken for another's that begins with it.
    ['fentry/nf:nft_do_chain', 'no such function', 'inlined'],
  ])('%s is explained', (section, message, hint) => {
    const failure = () => planned(inSection(section), { symbols: { hidden_one: 0xffffffff81000000n } })
    expect(failure).toThrow(message)
    expect(failure).toThrow(
      expect.objectContaining({ code: 'ERR_BPF_PLAN_ATTACH_TARGET', program: 'main', hint: expect.stringContaining(hint) }),
    )
  })

  it('needs BTF of the kernel', () => {
    const spec = testObject({ programs: [inSection('fentry/vfs_read')], functions: [testFunction('main', 'exit')] })
    expect(() => plan(spec, testTarget(undefined))).toThrow('has no BTF')
  })
})

describe('attributes', () => {
  it('come from the section', () => {
    expect(planned(inSection('lsm.s/file_open'))).toMatchObject({
      type: ProgType.Lsm,
      expectedAttachType: AttachType.LsmMac,
      flags: 1 << 4,
    })
    expect(planned(inSection('xdp.frags'))).toMatchObject({ type: ProgType.Xdp, expectedAttachType: AttachType.Xdp, flags: 1 << 5 })
  })

  it('lose the expected attach type on kernels that do not know it, if they can', () => {
    const old = { features: { expectedAttachType: false } }
    expect(planned(inSection('xdp'), old).expectedAttachType).toBe(0)
    expect(planned(inSection('cgroup/connect4'), old).expectedAttachType).toBe(AttachType.CgroupInet4Connect)
  })

  it('make USDT programs uprobe.multi ones where the kernel surely has them', () => {
    const type = (uprobeMulti: boolean | undefined) => planned(inSection('usdt/libc:a:b'), { features: { uprobeMulti } }).expectedAttachType
    expect([type(true), type(false), type(undefined)]).toEqual([AttachType.TraceUprobeMulti, 0, 0])
  })

  it('have the version of the object or of the kernel, and a licence', () => {
    expect(planned(inSection('socket'), { kernelVersion: 0x060c1e })).toMatchObject({ kernelVersion: 0x060c1e, license: 'GPL' })
    const other = planned(inSection('socket', { license: 'MIT' }), {}, { version: 0x050a00 })
    expect(other).toMatchObject({ kernelVersion: 0x050a00, license: 'MIT' })
  })

  it('are not guessed for unknown sections', () => {
    expect(() => planned(inSection('whatever'))).toThrow(expect.objectContaining({ code: 'ERR_BPF_PLAN_PROGRAM_TYPE' }))
    expect(planned(inSection('whatever', { type: ProgType.Xdp })).type).toBe(ProgType.Xdp)
    const tracing = { type: ProgType.Tracing, expectedAttachType: AttachType.TraceFentry, attachTarget: 'vfs_read' }
    expect(planned(inSection('whatever', tracing)).attachBtfId).toBe(vmlinux.ids.read)
  })
})

describe('exception callbacks', () => {
  const functions = (parts: Partial<FunctionSpec>) => [
    testFunction('main', 'call other\nexit', {}, { declTags: ['exception_callback:handler'] }),
    testFunction('other', 'exit'),
    testFunction('handler', 'r0 = 1\nexit', {}, parts),
  ]
  const place = (parts: Partial<FunctionSpec>, target: TestTargetOptions = {}) =>
    planned(inSection('tc'), target, { functions: functions(parts) }).functions.map(fn => fn.name)

  it('are part of the program though nothing calls them', () => {
    expect(place({})).toEqual(['main', 'other', 'handler'])
  })

  it('must be global and visible', () => {
    expect(() => place({ linkage: 'static' })).toThrow('must be global and not hidden')
    expect(() => place({ hidden: true })).toThrow('must be global and not hidden')
    expect(() => place({ name: 'else' })).toThrow('there is no exception callback "handler"')
  })

  it('do not exist for kernels without declaration tags', () => {
    expect(place({}, { features: { btfDeclTag: false } })).toEqual(['main', 'other'])
  })
})

describe('jump tables', () => {
  const table = { name: 'T', offset: 0, entries: [0x108n, 0x110n] }
  const load = { T: { kind: 'jumpTable', table: 'T', offset: 0 } } as const
  const jumper = (offset: number) => testFunction('jumper', 'r1 = T ll\nexit', load, { offset })
  const spec = (entries: readonly bigint[]) =>
    testObject({
      programs: [testProgram('one'), testProgram('two')],
      functions: [testFunction('one', 'call jumper\nexit'), testFunction('two', 'r0 = 0\ncall jumper\nexit'), jumper(0x100)],
      jumpTables: [{ ...table, entries }],
    })

  it('are a map a program, whose entries count from its start', () => {
    const { maps, programs } = plan(spec([0x100n, 0x110n]), testTarget(undefined))
    const slots = maps.map(map => [0, 16].map(at => new DataView(map.entries?.buffer ?? new ArrayBuffer(32)).getUint32(at, true)))
    expect(maps.map(map => map.name)).toEqual(['.jumptables/one/T', '.jumptables/two/T'])
    expect(maps[0]).toMatchObject({ kernelName: '.jumptables', type: 34, keySize: 4, valueSize: 16, maxEntries: 2, freeze: true })
    expect(slots).toEqual([
      [2, 4],
      [3, 5],
    ])
    expect(programs[1]).toMatchObject({ holes: [{ slot: 3, kind: 'mapValue', map: '.jumptables/two/T' }] })
  })

  it.each([0xf8n, 0x118n, 1n << 40n])('cannot jump out of the function, to 0x%s', entry => {
    expect(() => plan(spec([entry]), testTarget(undefined))).toThrow('entry 0 is outside the function "jumper"')
  })
})

describe('the choice of programs', () => {
  const spec = testObject({
    programs: [
      testProgram('a'),
      testProgram('b', { autoLoad: false }),
      testProgram('broken', { type: 0 }),
      testProgram('c', { type: 0, optional: true }),
    ],
    functions: ['a', 'b', 'broken', 'c'].map(name => testFunction(name, 'exit')),
  })
  const target = testTarget(undefined)

  it('is that of autoload, and what cannot be planned is thrown', () => {
    expect(() => plan(spec, target)).toThrow('program "broken" (section socket): the section name implies no program type')
  })

  it('knows sections like that of a program without a type', () => {
    const misspelt = testObject({
      programs: [testProgram('a', { type: 0, section: 'kporbe/vfs_read' })],
      functions: [testFunction('a', 'exit')],
    })
    expect(() => plan(misspelt, target)).toThrow(expect.objectContaining({ hint: 'did you mean kprobe/vfs_read?' }))
  })

  it('can be made by name', () => {
    expect(plan(spec, target, { programs: ['b'] }).programs.map(program => program.name)).toEqual(['b'])
    expect(() => plan(spec, target, { programs: ['brokn'] })).toThrow(expect.objectContaining({ hint: 'did you mean broken?' }))
  })

  it('goes on without those that cannot be planned, if asked to or if they are optional', () => {
    const outcome = (programs: readonly { readonly name: string; readonly error?: unknown }[]) =>
      programs.map(({ name, error }) => [name, error === undefined])
    expect(outcome(plan(spec, target, { keepGoing: true }).programs)).toEqual([
      ['a', true],
      ['broken', false],
      ['c', false],
    ])
    expect(outcome(plan(spec, target, { programs: ['a', 'c'] }).programs)).toEqual([
      ['a', true],
      ['c', false],
    ])
  })

  it('needs a target of the same byte order', () => {
    expect(() => plan(spec, testTarget(undefined, { littleEndian: false }))).toThrow(
      'object "test" is little-endian, the test kernel is big-endian',
    )
  })
})
