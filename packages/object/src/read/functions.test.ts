import { encodeBtfExt } from '@bpf/btf'
import { SymbolBinding, SymbolType } from '@bpf/elf'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ObjectSpec } from '../spec'
import { TestBtf } from '../testing/build-btf'
import { buildObject, code, func, object, words } from '../testing/build-object'
import { functionOf, readSpec } from '../testing/read-fixture'
import { readObject } from './read-object'

const fixtures = ['object/functions', 'object/functions-be', 'object/functions-clang14', 'object/functions-no-btf']

describe.each(fixtures)('functions of %s', fixture => {
  let spec: ObjectSpec
  const hasBtf = !fixture.endsWith('no-btf')
  beforeAll(async () => {
    spec = await readSpec(fixture)
  })

  it.each([
    ['global_one', '.text', 'global', false],
    ['static_one', '.text', 'static', false],
    ['hidden_one', '.text', 'global', true],
    ['weak_one', '.text', 'weak', false],
    ['entry_too', 'tc', 'global', false],
    ['on_demand', '?tc', 'global', false],
    ['in_section', 'helpers', 'static', false],
  ])('%s is in %s, %s, hidden: %s', (name, section, linkage, hidden) => {
    expect(functionOf(spec, name)).toMatchObject({ section, linkage, hidden })
  })

  it('cover their section without gaps', () => {
    const functions = spec.functions.filter(({ section }) => section === '.text')
    let end = 0
    for (const { offset, code } of functions) {
      expect(offset).toBe(end)
      end += code.length
    }
    expect(functions).toHaveLength(8)
  })

  it('that are programs are in sections of their own, called or not', () => {
    expect(spec.programs.map(({ name, section, autoLoad }) => [name, section, autoLoad])).toEqual([
      ['entry', 'tc', true],
      ['entry_too', 'tc', true],
      ['on_demand', '?tc', false],
      ['static_program', 'xdp', true],
      ['calls_beside', 'kprobe', true],
      ['callbacks', 'fentry/vfs_read', true],
    ])
  })

  it.each([
    ['entry', ['global_one', 'hidden_one', 'weak_one', 'recursive'], 'calls of global functions'],
    ['entry_too', ['static_one'], 'a call of a static function of another section'],
    ['global_one', ['static_one'], 'a call without relocation'],
    ['calls_beside', ['beside', 'in_section', 'global_in_section'], 'calls within and between sections of any name'],
  ])('%s calls %j: %s', (name, callees) => {
    const references = functionOf(spec, name).references
    expect(references.map(reference => reference.kind === 'function' && reference.function)).toEqual(callees)
    expect(references.every(reference => reference.kind === 'function' && !reference.address && reference.offset === 0)).toBe(true)
  })

  it('are referred to by their address in callbacks', () => {
    expect(functionOf(spec, 'callbacks').references).toMatchObject([
      { kind: 'function', function: 'callback', offset: 0, address: true },
      { kind: 'function', function: 'global_callback', offset: 0, address: true },
    ])
  })

  it('have types, tags and source lines if there is BTF', () => {
    const { typeId, declTags, lineInfo } = functionOf(spec, 'entry')
    if (!hasBtf) {
      expect([typeId, declTags, lineInfo]).toEqual([0, [], []])
      return
    }
    expect(spec.btf?.type(typeId)).toMatchObject({ kind: 'func', name: 'entry' })
    expect(declTags).toEqual(['exception_callback:never_called', 'first'])
    expect(lineInfo[0]?.slot).toBe(0)
    expect(spec.btf?.string(lineInfo[0]?.lineOffset ?? 0)).toContain('ctx')
  })
})

describe('functions as assembly and old compilers have them', () => {
  it('without type and size are found by their global symbols, or are the section', async () => {
    const { functions, programs } = await readSpec('object/old-compiler')
    expect(functions.map(({ name, offset, code }) => [name, offset, code.length])).toEqual([
      ['first', 0, 40],
      ['second', 40, 32],
      ['socket/0', 0, 16],
    ])
    expect(programs.map(({ name, tailCallIndex }) => [name, tailCallIndex])).toEqual([
      ['first', undefined],
      ['second', undefined],
      ['socket/0', 0],
    ])
  })

  it('may have several names, no size, and labels within', async () => {
    const { functions } = await readSpec('object/odd-functions')
    expect(functions.map(({ name, offset, code }) => [name, offset, code.length])).toEqual([
      ['helper', 0, 16],
      ['one', 0, 16],
      ['alias_of_one', 0, 16],
      ['unsized', 16, 16],
      ['last', 32, 16],
    ])
  })

  it('keep apart two static functions of one name', () => {
    const helper = { ...func('helper', '.text', 0, 16), binding: SymbolBinding.Local }
    const text = code('r0 = 0\nexit\nr0 = 1\nexit')
    const bytes = buildObject({ sections: { '.text': text }, symbols: [helper, { ...helper, value: 16 }] })
    expect(readObject(bytes).functions.map(({ name }) => name)).toEqual(['helper', 'helper@.text+0x10'])
  })

  it('are no gaps: bytes before the first belong to none', () => {
    const bytes = buildObject({ sections: { tc: code('r0 = 0\nexit\nr0 = 1\nexit') }, symbols: [func('second', 'tc', 16, 16)] })
    expect(readObject(bytes).functions).toMatchObject([{ name: 'second', offset: 16 }])
  })
})

describe('malformed functions', () => {
  const two = code('r0 = 0\nexit\nr0 = 1\nexit')

  it.each<[cause: string, symbols: ReturnType<typeof func>[]]>([
    ['"f" (40 bytes at section tc+0x0) crosses the end of its section', [func('f', 'tc', 0, 40)]],
    ['"f" (8 bytes at section tc+0xfffffffffffffff8) crosses', [func('f', 'tc', -8, 8)]],
    ['"f" at section tc+0x0 has 12 bytes: no whole number of instructions', [func('f', 'tc', 0, 12)]],
    ['"f" at section tc+0x4 has 8 bytes: no whole number of instructions', [func('f', 'tc', 4, 8)]],
    ['"f" at section tc+0x20 has 0 bytes: no whole number of instructions', [func('e', 'tc', 0, 32), func('f', 'tc', 32, 0)]],
    ['"e" and "f" overlap at section tc+0x8', [func('e', 'tc', 0, 16), func('f', 'tc', 8, 16)]],
    ['"e" and "f" overlap at section tc+0x0', [func('e', 'tc', 0, 16), func('f', 'tc', 0, 24)]],
  ])('%s', (cause, symbols) => {
    expect(() => readObject(buildObject({ sections: { tc: two }, symbols }))).toThrow(
      expect.objectContaining({ code: 'ERR_BPF_OBJECT_FUNCTION', section: 'tc', message: expect.stringContaining(cause) }),
    )
  })

  it('in sections that are no whole number of instructions', () => {
    const bytes = buildObject({ sections: { tc: { bytes: new Uint8Array(12), flags: 6 } } })
    expect(() => readObject(bytes)).toThrow('function "tc" at section tc+0x0 has 12 bytes')
  })

  it('have records in .BTF.ext that are between two instructions', () => {
    const btf = new TestBtf()
    const typeId = btf.func('f', btf.proto(0))
    const none = new Map()
    const ext = { funcInfo: none, lineInfo: none, coreRelocations: new Map([['tc', [{ offset: 4, typeId, access: '0', kind: 7 }]]]) }
    const extBytes = encodeBtfExt(ext, btf)
    const sections = { tc: two, '.BTF.ext': { bytes: extBytes } }
    const bytes = buildObject({ sections, symbols: [func('f', 'tc', 0, 32)], btf: btf.toBytes() })
    expect(() => readObject(bytes)).toThrow('function "f": .BTF.ext has a record for section tc+0x4, which is no instruction\'s place')
  })

  it('are not looked for in sections without instructions', () => {
    const symbols = [object('x', '.data', 0, 4), { name: 'y', section: '.data', type: SymbolType.Function }]
    expect(readObject(buildObject({ sections: { '.data': { bytes: words(1) } }, symbols })).functions).toEqual([])
  })
})
