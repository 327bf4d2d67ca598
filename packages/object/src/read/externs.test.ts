import { SymbolBinding } from '@bpf/elf'
import { beforeAll, describe, expect, it } from 'vitest'
import { MapFlag } from '../constants/flags'
import { MapType } from '../constants/map-type'
import type { ExternSpec, ObjectSpec } from '../spec'
import { TestBtf } from '../testing/build-btf'
import { buildObject, code, func } from '../testing/build-object'
import { functionOf, readSpec } from '../testing/read-fixture'
import { readObject } from './read-object'

describe.each(['object/externs', 'object/externs-be', 'object/externs-clang14'])('externs of %s', fixture => {
  let spec: ObjectSpec
  const extern = (name: string): ExternSpec | undefined => spec.externs.find(extern => extern.name === name)
  beforeAll(async () => {
    spec = await readSpec(fixture)
  })

  it('that are kernel options are laid out by alignment, then size, then name', () => {
    const options = spec.externs.flatMap(extern => (extern.kind === 'kconfig' ? [[extern.name, extern.offset, extern.size]] : []))
    expect(options).toEqual([
      ['CONFIG_HZ', 0, 8],
      ['CONFIG_IPV6', 8, 4],
      ['LINUX_KERNEL_VERSION', 12, 4],
      ['CONFIG_NO_SUCH_THING', 16, 2],
      ['CONFIG_BPF_SYSCALL', 18, 1],
      ['CONFIG_DEFAULT_HOSTNAME', 19, 20],
    ])
  })

  it('that are kernel options have a map, whose bytes the plan knows', () => {
    expect(spec.maps).toMatchObject([
      {
        ...{ name: '.kconfig', type: MapType.Array, keySize: 4, valueSize: 39, maxEntries: 1, contents: undefined },
        flags: MapFlag.RdonlyProg | MapFlag.Mmapable,
        origin: { kind: 'data', section: '.kconfig', access: 'kconfig' },
      },
    ])
  })

  it.each([
    ['bpf_prog_active', { kind: 'ksymVariable', typed: false, weak: false }],
    ['sysctl_panic_on_oops', { kind: 'ksymVariable', typed: true, weak: false }],
    ['no_such_symbol', { kind: 'ksymVariable', typed: false, weak: true }],
    ['bpf_rcu_read_lock', { kind: 'kfunc', weak: false }],
    ['no_such_function___flavour', { kind: 'kfunc', weak: true }],
    ['CONFIG_NO_SUCH_THING', { kind: 'kconfig', weak: true }],
  ])('%s', (name, expected) => {
    expect(extern(name)).toMatchObject(expected)
    expect(spec.btf?.nameOf(extern(name)?.typeId ?? 0)).toBe(name)
  })

  it('are called, or loaded', () => {
    const uses = functionOf(spec, 'use').references.flatMap(reference =>
      reference.kind === 'extern' && reference.extern.startsWith('no_such') ? [[reference.extern, reference.call]] : [],
    )
    expect(uses).toEqual([
      ['no_such_symbol', false],
      ['no_such_function___flavour', false],
      ['no_such_function___flavour', true],
    ])
  })
})

describe('externs that no kernel provides', () => {
  it('are left to the programs that use them', async () => {
    const spec = await readSpec('object/undefined')
    expect(spec.externs).toMatchObject([
      { kind: 'undefined', name: 'elsewhere', reason: expect.stringContaining('neither in .ksyms nor in .kconfig') },
      { kind: 'undefined', name: 'function_elsewhere', hint: expect.stringContaining('link the objects first') },
    ])
    expect(functionOf(spec, 'complete').references).toEqual([])
  })

  it('may not even be declared', () => {
    const bytes = buildObject({
      sections: { tc: code('call somewhere\nexit') },
      symbols: [func('f', 'tc', 0, 16), { name: 'somewhere', binding: SymbolBinding.Weak }],
      btf: new TestBtf().toBytes(),
    })
    const { externs } = readObject(bytes)
    expect(externs).toMatchObject([{ kind: 'undefined', name: 'somewhere', weak: true, typeId: 0 }])
    expect(externs).toMatchObject([
      { reason: 'extern "somewhere" is not defined: BTF has no declaration of it, so no kernel can provide it' },
    ])
  })
})

describe('malformed options', () => {
  const withOption = (define: (btf: TestBtf) => ReturnType<TestBtf['variable']>): Uint8Array => {
    const btf = new TestBtf()
    const type = define(btf)
    btf.add({ kind: 'datasec', name: '.kconfig', size: 0, variables: [{ type, offset: 0, size: 4 }] })
    return buildObject({ sections: { tc: code('exit') }, symbols: [{ name: 'CONFIG_X' }], btf: btf.toBytes() })
  }

  it.each<[cause: string, define: (btf: TestBtf) => ReturnType<TestBtf['variable']>]>([
    ['extern "CONFIG_X" in section .kconfig has a type without a size', btf => btf.variable('CONFIG_X', btf.fwd('x'), 'extern')],
    [
      'extern "CONFIG_X" in section .kconfig has a type without a size',
      btf => btf.variable('CONFIG_X', btf.array(btf.int('c', 1), 0), 'extern'),
    ],
    ['extern "CONFIG_X" is a function in section .kconfig', btf => btf.func('CONFIG_X', btf.proto(0), 'extern')],
  ])('%s', (cause, define) => {
    expect(() => readObject(withOption(define))).toThrow(
      expect.objectContaining({ code: 'ERR_BPF_OBJECT_EXTERN', symbol: 'CONFIG_X', message: expect.stringContaining(cause) }),
    )
  })
})
