import { type Btf, type BtfType, parseBtf, type TypeId } from '@bpf/btf'
import { describe, expect, it } from 'vitest'
import { MapType } from '../constants/map-type'
import { ProgType } from '../constants/prog-type'
import { newMap } from '../new-map'
import type { ExternSpec, ObjectSpec } from '../spec'
import { buildBtf, type TestBtf } from '../testing/build-btf'
import { testFunction, testObject, testProgram } from '../testing/test-spec'
import { type TestTargetOptions, testTarget } from '../testing/test-target'
import { plan } from './plan'
import { uploadBtf } from './upload-btf'

/** What the kernel gets, parsed again. */
function uploaded(btf: Btf, parts: Partial<ObjectSpec> = {}, target: TestTargetOptions = {}) {
  const upload = uploadBtf(testObject({ btf, ...parts }), testTarget(undefined, target), parts.programs ?? [])
  if (upload === undefined) throw new Error('nothing to upload')
  return { ...upload, btf: parseBtf(upload.bytes) }
}

const typeOf = <K extends BtfType['kind']>(btf: Btf, id: number, kind: K) => {
  const type = btf.type(id)
  if (type.kind !== kind) throw new Error(`type ${id} is ${type.kind}`)
  return type as Extract<BtfType, { readonly kind: K }>
}

const datasec = (b: TestBtf, name: string, size: number, ...variables: readonly (readonly [TypeId, number, number])[]) =>
  b.add({ kind: 'datasec', name, size, variables: variables.map(([type, offset, size]) => ({ type, offset, size })) })

describe('data sections', () => {
  const { btf, ids } = buildBtf(b => {
    const int = b.int('int', 4, { signed: true })
    const [first, second, third] = [b.variable('first', int), b.variable('second', int), b.variable('third', int, 'static')]
    return { first, second, third, data: datasec(b, '.data', 0, [first, 0, 4], [second, 0, 4], [third, 4, 4]) }
  })
  const layout = {
    name: '.data',
    size: 12,
    symbols: [
      { name: 'first', offset: 8, hidden: false },
      { name: 'second', offset: 0, hidden: true },
    ],
  }

  it('get sizes and offsets from symbols, and are sorted', () => {
    expect(typeOf(uploaded(btf, { dataSections: [layout] }).btf, ids.data, 'datasec')).toMatchObject({
      size: 12,
      variables: [
        { type: ids.second, offset: 0 },
        { type: ids.third, offset: 4 },
        { type: ids.first, offset: 8 },
      ],
    })
  })

  it('have hidden variables made static', () => {
    const result = uploaded(btf, { dataSections: [layout] }).btf
    expect([ids.first, ids.second, ids.third].map(id => typeOf(result, id, 'var').linkage)).toEqual(['global', 'static', 'static'])
  })

  it('stay as they are when a linker has completed them', () => {
    const complete = buildBtf(b => {
      const variable = b.variable('first', b.int('int', 4))
      return datasec(b, '.data', 4, [variable, 0, 4])
    })
    const at = (offset: number) => ({ dataSections: [{ ...layout, symbols: [{ name: 'first', offset, hidden: false }] }] })
    expect(uploaded(complete.btf, at(0)).bytes).toBe(complete.btf.bytes)
    // What the linker forgot.
    expect(typeOf(uploaded(complete.btf, at(4)).btf, complete.ids, 'datasec').variables).toMatchObject([{ offset: 4 }])
  })

  it('follow their map when it is resized', () => {
    const grown = buildBtf(b => {
      const int = b.int('int', 4)
      const [count, list] = [b.variable('count', int), b.variable('list', b.array(int, 2))]
      return { list, data: datasec(b, '.data.x', 12, [count, 0, 4], [list, 4, 8]) }
    })
    const map = newMap('.data.x', {
      type: MapType.Array,
      valueSize: 44,
      valueTypeId: grown.ids.data,
      origin: { kind: 'data', section: '.data.x', access: 'readWrite' },
    })
    const { btf: result, unfitMaps } = uploaded(grown.btf, { maps: [map] })
    expect(typeOf(result, grown.ids.data, 'datasec')).toMatchObject({ size: 44, variables: [{}, { offset: 4, size: 40 }] })
    expect(typeOf(result, typeOf(result, grown.ids.list, 'var').type, 'array').length).toBe(10)
    expect([...unfitMaps]).toEqual([])
    expect([...uploaded(grown.btf, { maps: [{ ...map, valueSize: 45 }] }).unfitMaps]).toEqual(['.data.x'])
  })
})

describe('externs', () => {
  const { btf, ids } = buildBtf(b => {
    const int = b.int('int', 4, { signed: true })
    const proto = b.add({ kind: 'funcProto', returnType: int, params: [{ name: '', type: int }] })
    const kfunc = b.func('do_it', proto, 'extern')
    const symbol = b.variable('jiffies', b.int('unsigned long', 8), 'extern')
    const option = b.variable('CONFIG_X', int, 'extern')
    return {
      int,
      kfunc,
      symbol,
      option,
      ksyms: datasec(b, '.ksyms', 0, [kfunc, 0, 0], [symbol, 0, 8]),
      kconfig: datasec(b, '.kconfig', 0, [option, 0, 4]),
      builtin: b.func('memcpy', proto, 'extern'),
    }
  })
  const option: ExternSpec = { kind: 'kconfig', name: 'CONFIG_X', weak: false, typeId: ids.option, offset: 8, size: 4 }
  const result = uploaded(btf, { externs: [option] }).btf

  it('of kernel symbols become ints of a section, functions a variable that stands for them', () => {
    const section = typeOf(result, ids.ksyms, 'datasec')
    const [dummy, symbol] = section.variables
    expect(section.size).toBe(8)
    expect(section.variables.map(({ offset, size }) => [offset, size])).toEqual([
      [0, 4],
      [4, 4],
    ])
    expect(typeOf(result, dummy?.type ?? 0, 'var')).toMatchObject({ name: 'dummy_ksym', linkage: 'global', type: ids.int })
    expect(symbol?.type).toBe(ids.symbol)
    expect(typeOf(result, ids.symbol, 'var')).toMatchObject({ linkage: 'global', type: ids.int })
  })

  it('of functions are global and have names for their parameters', () => {
    for (const id of [ids.kfunc, ids.builtin]) {
      const func = typeOf(result, id, 'func')
      expect(func.linkage).toBe('global')
      expect(typeOf(result, func.type, 'funcProto').params).toEqual([{ name: 'dummy_ksym', type: ids.int }])
    }
  })

  it('of options have their place in the map', () => {
    expect(typeOf(result, ids.kconfig, 'datasec')).toMatchObject({ size: 12, variables: [{ type: ids.option, offset: 8, size: 4 }] })
    expect(typeOf(result, ids.option, 'var').linkage).toBe('global')
  })
})

describe('functions', () => {
  it('that are hidden become static, unless they are entries', () => {
    const { btf, ids } = buildBtf(b => {
      const proto = b.proto(0)
      return { main: b.func('main', proto), helper: b.func('helper', proto), plain: b.func('plain', proto) }
    })
    const functions = Object.entries(ids).map(([name, typeId]) => testFunction(name, 'exit', {}, { typeId, hidden: name !== 'plain' }))
    const result = uploaded(btf, { functions, programs: [testProgram('main')] }).btf
    expect([ids.main, ids.helper, ids.plain].map(id => typeOf(result, id, 'func').linkage)).toEqual(['global', 'static', 'global'])
  })
})

describe('context parameters on kernels that do not know their tag', () => {
  const { btf, ids } = buildBtf(b => {
    const int = b.int('int', 4, { signed: true })
    const registers = b.struct('pt_regs', 8, ['ip', b.int('unsigned long', 8), 0])
    const parameters = {
      anything: b.ptr(0),
      registers: b.ptr(registers),
      canonical: b.ptr(b.typedef('bpf_user_pt_regs_t', registers)),
      other: b.ptr(b.struct('other', 4, ['x', int, 0])),
    }
    const functions = Object.entries(parameters).map(([name, type]) => {
      const func = b.func(name, b.proto(int, int, type))
      b.add({ kind: 'declTag', name: 'arg:ctx', type: func, componentIndex: 1 })
      return [name, func] as const
    })
    return Object.fromEntries(functions)
  })
  const old = { features: { argCtxTag: false } }

  /** The struct that the second parameter of each function points to in function info, if it was changed. */
  function changed(type: number, target: TestTargetOptions = old) {
    const { btf: result, contextClones } = uploaded(btf, { programs: [testProgram('main', { type })] }, target)
    return Object.entries(ids).flatMap(([name, id]) => {
      const clone = contextClones.get(type)?.get(id)
      if (clone === undefined) return []
      const param = typeOf(result, typeOf(result, clone, 'func').type, 'funcProto').params[1]
      return [`${name}: ${result.nameOf(typeOf(result, param?.type ?? 0, 'ptr').type)}`]
    })
  }

  it('point to the struct of the program type', () => {
    expect(changed(ProgType.Xdp)).toEqual(['anything: xdp_md'])
    expect(changed(ProgType.Kprobe)).toEqual(['anything: bpf_user_pt_regs_t', 'registers: bpf_user_pt_regs_t'])
    expect(changed(ProgType.PerfEvent)).toEqual(['anything: bpf_perf_event_data', 'registers: bpf_perf_event_data'])
  })

  it('stay as they are for types without such a struct, and for kernels that know the tag', () => {
    expect(changed(ProgType.Tracing)).toEqual([])
    expect(changed(ProgType.Xdp, {})).toEqual([])
  })

  it('are named in the function info of programs that contain the function', () => {
    const spec = testObject({
      btf,
      programs: [testProgram('main', { type: ProgType.Xdp })],
      functions: [
        testFunction('main', 'call anything\nexit', {}, { typeId: ids['other'] ?? (0 as TypeId) }),
        testFunction('anything', 'exit', {}, { typeId: ids['anything'] ?? (0 as TypeId) }),
      ],
    })
    const [program] = plan(spec, testTarget(undefined, old)).programs
    const info = new Uint32Array((program?.error === undefined ? program?.funcInfo : undefined)?.slice().buffer ?? [])
    expect([...info]).toEqual([
      0,
      ids['other'],
      2,
      uploaded(btf, spec, old)
        .contextClones.get(ProgType.Xdp)
        ?.get(ids['anything'] ?? 0),
    ])
  })
})

describe('what a kernel does not know', () => {
  const { btf } = buildBtf(b => {
    const proto = b.proto(0)
    return [b.add({ kind: 'float', name: 'double', size: 8 }), b.func('main', proto)]
  })

  it('is taken out, and said', () => {
    expect(uploaded(btf, {}, { features: { btfFloat: false } }).changes).toEqual([expect.stringContaining('float "double"')])
  })

  it('is all of it without BTF', () => {
    expect(uploadBtf(testObject({ btf }), testTarget(undefined, { features: { btf: false } }), [])).toBeUndefined()
    expect(uploadBtf(testObject(), testTarget(undefined), [])).toBeUndefined()
  })
})

describe('function and line info', () => {
  const { btf, ids } = buildBtf(b => b.func('main', b.proto(0)))
  const lines = (...slots: readonly number[]) => slots.map(slot => ({ slot, fileNameOffset: 1, lineOffset: 2, line: 10 + slot, column: 3 }))
  const info = (helper: Parameters<typeof testFunction>[3], features: TestTargetOptions['features'] = {}) => {
    const functions = [
      testFunction('main', 'call helper\nexit', {}, { typeId: ids, lineInfo: lines(0, 1) }),
      testFunction('helper', 'r0 = 0\nexit', {}, helper),
    ]
    const [program] = plan(testObject({ btf, functions, programs: [testProgram('main')] }), testTarget(undefined, { features })).programs
    if (program === undefined || program.error !== undefined) throw new Error('not planned')
    const words = (bytes: Uint8Array) => [...new Uint32Array(bytes.slice().buffer)]
    return { funcs: words(program.funcInfo), lines: words(program.lineInfo), source: program.source }
  }

  it('count from the start of the program', () => {
    const { funcs, lines: found, source } = info({ typeId: ids, lineInfo: lines(1) })
    expect(funcs).toEqual([0, ids, 2, ids])
    expect(found).toEqual([0, 1, 2, (10 << 10) | 3, 1, 1, 2, (11 << 10) | 3, 3, 1, 2, (11 << 10) | 3])
    expect(source.map(({ slot, line, column }) => [slot, line, column])).toEqual([
      [0, 10, 3],
      [1, 11, 3],
      [3, 11, 3],
    ])
  })

  it('are left out when one function has none: the kernel wants all or nothing', () => {
    expect(info({ typeId: 0, lineInfo: lines(0) })).toMatchObject({ funcs: [], lines: { length: 12 } })
    expect(info({ typeId: ids, lineInfo: [] })).toMatchObject({ funcs: [0, ids, 2, ids], lines: [] })
  })

  it('are left out for kernels that take none', () => {
    expect(info({ typeId: ids, lineInfo: lines(0) }, { btfFunc: false })).toMatchObject({ funcs: [], lines: [] })
  })
})

it('asks the target for what the object depends on, once, and for nothing else', () => {
  const { btf } = buildBtf(b => {
    const int = b.int('int', 4, { signed: true })
    datasec(b, '.data', 8, [b.variable('a', int, 'static'), 0, 4], [b.variable('b', int, 'static'), 4, 4])
  })
  const asked: string[] = []
  const target = testTarget(undefined)
  uploadBtf(testObject({ btf }), { ...target, has: feature => asked.push(feature) > 0 }, [])
  expect(asked).toEqual(['btf', 'btfDatasec'])
})
