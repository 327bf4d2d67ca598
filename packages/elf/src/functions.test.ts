import { readFixture } from '@bpf/fixtures'
import { describe, expect, it } from 'vitest'
import { findFunction, listFunctions, parseElf, SymbolBinding } from './index'

const shared = parseElf(await readFixture('elf/libshared.so'))
const stripped = parseElf(await readFixture('elf/libshared-stripped.so'))
const headerless = parseElf(await readFixture('elf/libshared-headerless.so'))
const debugFile = parseElf(await readFixture('elf/libshared.debug'))
const probes = parseElf(await readFixture('elf/probes.elf'))

describe('findFunction', () => {
  it('finds a function and where it begins in the file', () => {
    expect(findFunction(shared, 'only')).toEqual({
      name: 'only',
      version: 'SHARED_1',
      isDefault: true,
      address: 0x580n,
      offset: 0x580,
      size: 4n,
      binding: SymbolBinding.Global,
      isIndirect: false,
    })
    expect(findFunction(shared, 'maybe')?.binding).toBe(SymbolBinding.Weak)
    expect(findFunction(shared, 'picked')?.isIndirect).toBe(true)
  })

  it('takes the version that is asked for, by default what programs link to today', () => {
    expect(findFunction(shared, 'greet')).toMatchObject({ version: 'SHARED_2', offset: 0x570 })
    expect(findFunction(shared, 'greet@SHARED_1')).toMatchObject({ version: 'SHARED_1', isDefault: false, offset: 0x560 })
    expect(findFunction(shared, 'greet@@SHARED_2')).toMatchObject({ version: 'SHARED_2', offset: 0x570 })
    expect(findFunction(shared, 'greet@SHARED_3')).toBeUndefined()
  })

  it('goes on in .symtab, where static functions are', () => {
    expect(findFunction(shared, 'chosen')).toMatchObject({ offset: 0x5f0, binding: SymbolBinding.Local, version: undefined })
    expect(findFunction(probes, '_start')).toMatchObject({ offset: 0x1a0 })
  })

  it('goes on in the file that holds what was stripped', () => {
    expect(findFunction(stripped, 'chosen')).toBeUndefined()
    expect(findFunction(stripped, 'chosen', { debugFile })).toEqual(findFunction(shared, 'chosen'))
  })

  it('needs no section headers', () => {
    expect(findFunction(headerless, 'greet@SHARED_1')).toMatchObject({ offset: 0x560 })
  })

  it('finds neither variables nor functions of other files nor beginnings of names', () => {
    expect(['variable', 'missing', 'onl', 'only2', ''].map(name => findFunction(shared, name))).toEqual(Array(5).fill(undefined))
  })

  it('does not choose between two functions of one name', () => {
    expect(() => findFunction(shared, 'twice')).toThrow('function "twice" is ambiguous: it is at 0x5c0, 0x600')
    expect(() => findFunction(shared, 'twice')).toThrow(expect.objectContaining({ code: 'ERR_BPF_ELF_AMBIGUOUS_SYMBOL' }))
  })
})

describe('listFunctions', () => {
  it('lists each name at one address once, from all tables', () => {
    const list = listFunctions(shared).map(({ name, offset }) => `${name} ${offset.toString(16)}`)
    expect(list).toContain('alias 580')
    expect(list).toContain('only 580')
    expect(list.filter(line => line.startsWith('twice '))).toEqual(['twice 5c0', 'twice 600'])
    expect(list.filter(line => line.startsWith('greet '))).toEqual(['greet 570', 'greet 560'])
    expect(new Set(list).size).toBe(list.length)
  })

  it('filters by name', () => {
    expect(listFunctions(shared, name => name.startsWith('use_')).map(({ name }) => name)).toEqual(['use_twice', 'use_twice_too'])
  })

  it('adds those of the debug file', () => {
    const names = (functions: ReturnType<typeof listFunctions>) => functions.map(({ name }) => name).sort()
    expect(names(listFunctions(stripped))).not.toContain('chosen')
    expect(names(listFunctions(stripped, undefined, { debugFile }))).toEqual(names(listFunctions(shared)))
  })
})
