import { SectionFlag, SectionIndex, SectionType, SymbolType } from '@bpf/elf'
import { describe, expect, it } from 'vitest'
import { TestBtf } from '../testing/build-btf'
import { buildObject, code, func, object, type TestObject, type TestSection, type TestSymbol, words } from '../testing/build-object'
import { functionOf, readSpec } from '../testing/read-fixture'
import { readObject } from './read-object'

const mapDefinition = words(1, 4, 4, 1, 0)

/** An object with one program, and something of every kind that it can refer to. */
function withProgram(program: TestSection, more: Partial<TestObject> & { readonly extra?: readonly TestSymbol[] } = {}): Uint8Array {
  const { extra = [], ...rest } = more
  return buildObject({
    sections: {
      tc: program,
      '.text': code('r0 = 0\nexit\nr0 = 1\nexit'),
      maps: { bytes: mapDefinition },
      '.data': { bytes: words(1, 2, 3, 4) },
      '.comment': { bytes: words(0), flags: 0 },
      license: { bytes: new TextEncoder().encode('GPL\0') },
    },
    symbols: [
      func('program', 'tc', 0, program.bytes?.length ?? 0),
      func('first', '.text', 0, 16),
      func('second', '.text', 16, 16),
      object('map', 'maps', 0, 20),
      object('variable', '.data', 4, 8),
      object('comment', '.comment', 0, 4),
      object('license', 'license', 0, 4),
      { name: '.text', section: '.text', type: SymbolType.Section, binding: 0 },
      { name: '.data', section: '.data', type: SymbolType.Section, binding: 0 },
      { name: 'common', sectionIndex: SectionIndex.Common, type: SymbolType.Object },
      { name: 'absolute', sectionIndex: SectionIndex.Absolute },
      { name: 'nowhere', type: SymbolType.Object },
      ...extra,
    ],
    ...rest,
  })
}

const referencesOf = (bytes: Uint8Array) => functionOf(readObject(bytes), 'program').references

describe('references', () => {
  it.each([
    ['r1 = map ll\nexit', { kind: 'map', map: 'map' }],
    ['r1 = variable ll\nexit', { kind: 'mapValue', map: '.data', offset: 4 }],
    ['r1 = second ll\nexit', { kind: 'function', function: 'second', offset: 0, address: true }],
    ['call first\nexit', { kind: 'function', function: 'first', offset: 0, address: false }],
  ])('%j', (source, reference) => {
    expect(referencesOf(withProgram(code(source)))).toEqual([{ slot: 0, ...reference }])
  })

  it.each([
    ['.data', 12, { kind: 'mapValue', map: '.data', offset: 12 }],
    ['variable', 4, { kind: 'mapValue', map: '.data', offset: 8 }],
    ['variable', -4, { kind: 'mapValue', map: '.data', offset: 0 }],
    ['variable', -8, { kind: 'mapValue', map: '.data', offset: -4 }],
    ['.text', 16, { kind: 'function', function: 'second', offset: 0, address: true }],
    ['.text', 24, { kind: 'function', function: 'second', offset: 8, address: true }],
  ])('%s plus the %i in the instruction', (symbol, addend, reference) => {
    const program = { ...code(`r1 = ${addend} ll\nexit`), relocations: [{ at: 0, symbol }] }
    expect(referencesOf(withProgram(program))).toEqual([{ slot: 0, ...reference }])
  })

  it.each([
    ['.text', 1, 'second', 0],
    ['.text', -1, 'first', 0],
    ['second', -1, 'second', 0],
    ['second', -3, 'first', 0],
    ['first', 0, 'first', 8],
  ])('a call of %s with distance %i', (symbol, imm, callee, offset) => {
    const call = words(0x1085, imm >>> 0, 0x95, 0)
    const program = { bytes: call, flags: SectionFlag.Alloc | SectionFlag.ExecInstr, relocations: [{ at: 0, symbol, type: 10 }] }
    expect(referencesOf(withProgram(program))).toEqual([{ slot: 0, kind: 'function', function: callee, offset, address: false }])
  })

  it('are sorted, with and without relocation', () => {
    const program = code('r1 = map ll\nif r1 == 0 goto skip\ncall local\nskip:\nr2 = variable ll\nexit\nlocal:\nexit')
    const bytes = withProgram({ ...program, relocations: program.relocations?.toReversed() ?? [] })
    expect(referencesOf(bytes)).toMatchObject([
      { slot: 0, kind: 'map' },
      { slot: 3, kind: 'function', function: 'program', offset: 56 },
      { slot: 4, kind: 'mapValue' },
    ])
  })

  it('outside of functions are passed over: a linker drops weak functions, but not their relocations', () => {
    const program = code('r0 = 0\nexit\nr1 = comment ll\nexit')
    const bytes = buildObject({
      sections: { tc: program, '.comment': { bytes: words(0) } },
      symbols: [func('program', 'tc', 0, 16), object('comment', '.comment', 0, 4)],
    })
    expect(referencesOf(bytes)).toEqual([])
  })

  it('may have their addend in the relocation', () => {
    const rela = new Uint8Array(24)
    const record = new DataView(rela.buffer)
    record.setBigUint64(8, (1n << 32n) | 1n, true)
    record.setBigInt64(16, 12n, true)
    const bytes = buildObject({
      sections: { tc: { ...code('r1 = 99 ll\nexit'), relocations: [] }, '.relatc': { bytes: rela }, '.data': { bytes: words(1, 2, 3, 4) } },
      symbols: [{ name: '.data', section: '.data', type: SymbolType.Section, binding: 0 }, func('program', 'tc', 0, 24)],
    })
    changeHeader(bytes, 2, { type: SectionType.Rela, link: 4, info: 1, entrySize: 24 })
    expect(referencesOf(bytes)).toEqual([{ slot: 0, kind: 'mapValue', map: '.data', offset: 12 }])
  })

  it('of jump tables name the table', async () => {
    const spec = await readSpec('object/jump-table')
    expect(functionOf(spec, 'switch_on').references).toEqual([
      { slot: 0, kind: 'jumpTable', table: 'table_one', offset: 0 },
      { slot: 2, kind: 'jumpTable', table: 'table_two', offset: 0 },
    ])
  })

  it('are the same in either byte order', async () => {
    for (const name of ['maps', 'data', 'functions', 'externs']) {
      const [little, big] = await Promise.all([readSpec(`object/${name}`), readSpec(`object/${name}-be`)])
      expect([little.littleEndian, big.littleEndian]).toEqual([true, false])
      expect(big.functions.map(fn => [fn.name, fn.references])).toEqual(little.functions.map(fn => [fn.name, fn.references]))
    }
  })
})

describe('malformed references', () => {
  const load = (symbol: string, at = 0) => ({ ...code('r1 = 0 ll\nr0 = 0\nexit'), relocations: [{ at, symbol }] })

  it.each<[cause: string, program: TestSection]>([
    ['relocation at section tc+0x0: symbol 65536 does not exist (there are 13)', load('no such symbol')],
    ['relocation at section tc+0x4: there is no instruction here', load('map', 4)],
    ['relocation at section tc+0x20: there is no instruction here', load('map', 32)],
    ['"map" is used by an instruction (opcode 0xb7) that is neither a call nor a 64-bit load', load('map', 16)],
    ['"common" is a variable without a place', load('common')],
    ['"absolute" is not defined in any section', load('absolute')],
    ['"nowhere" is not defined in any section', load('nowhere')],
    ['it refers to "comment" in section .comment, which is no map, variable or function', load('comment')],
    ['it refers to "license" in section license, which is no map, variable or function', load('license')],
    ['it calls "map" in section maps, where there is no function', code('call map\nexit')],
    ['the call of "first" is not marked as a call of a function', { ...code('call 1\nexit'), relocations: [{ at: 0, symbol: 'first' }] }],
    ['there are two relocations for one instruction', { ...load('map'), relocations: [0, 0].map(at => ({ at, symbol: 'map' })) }],
    ['function "program", instruction at section tc+0x0: it calls section tc+0x28', { ...code('exit'), bytes: words(0x1085, 4, 0x95, 0) }],
    ['it takes the address of a function, but has no relocation', { ...code('exit'), bytes: words(0x4118, 0, 0, 0, 0x95, 0) }],
  ])('%s', (cause, program) => {
    expect(() => readObject(withProgram(program))).toThrow(
      expect.objectContaining({ code: 'ERR_BPF_OBJECT_RELOCATION', section: 'tc', message: expect.stringContaining(cause) }),
    )
  })

  it('say which symbol is to blame, and what to do about it', () => {
    expect(() => readObject(withProgram(load('common')))).toThrow(
      expect.objectContaining({ symbol: 'common', offset: 0, hint: expect.stringContaining('-fno-common') }),
    )
  })

  it('to a place of .maps where no map begins', () => {
    const btf = new TestBtf()
    const definition = btf.struct('', 8, ['type', btf.ptr(btf.array(btf.int('int', 4), 1)), 0])
    btf.add({ kind: 'datasec', name: '.maps', size: 0, variables: [{ type: btf.variable('events', definition), offset: 0, size: 8 }] })
    const bytes = buildObject({
      sections: { tc: code('r1 = inside ll\nexit'), '.maps': { bytes: new Uint8Array(16) } },
      symbols: [func('program', 'tc', 0, 24), object('events', '.maps', 0, 8), object('inside', '.maps', 4, 4)],
      btf: btf.toBytes(),
    })
    expect(() => readObject(bytes)).toThrow('it refers to "inside" in section .maps, which is no map, variable or function')
  })

  it('in a section that relocates none', () => {
    const bytes = withProgram(load('map'))
    // Six sections, .symtab, then the relocations.
    changeHeader(bytes, 8, { info: 99 })
    expect(() => readObject(bytes)).toThrow(
      expect.objectContaining({ code: 'ERR_BPF_OBJECT_RELOCATION', message: 'section .reltc relocates section 99, which does not exist' }),
    )
  })

  it('to a section that does not exist', () => {
    const bytes = withProgram(load('far'), { extra: [{ name: 'far', sectionIndex: 99 }] })
    expect(() => readObject(bytes)).toThrow('symbol "far" is in section 99, which does not exist')
  })
})

/** Overwrites fields of a section's header. */
function changeHeader(bytes: Uint8Array, index: number, fields: { type?: number; link?: number; info?: number; entrySize?: number }): void {
  const view = new DataView(bytes.buffer)
  const at = Number(view.getBigUint64(40, true)) + index * 64
  if (fields.type !== undefined) view.setUint32(at + 4, fields.type, true)
  if (fields.link !== undefined) view.setUint32(at + 40, fields.link, true)
  if (fields.info !== undefined) view.setUint32(at + 44, fields.info, true)
  if (fields.entrySize !== undefined) view.setBigUint64(at + 56, BigInt(fields.entrySize), true)
}
