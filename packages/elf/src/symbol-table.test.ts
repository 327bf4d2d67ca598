import { readFixture } from '@bpf/fixtures'
import { describe, expect, it } from 'vitest'
import { buildElf, buildSymbols, pack } from './build-elf'
import {
  parseElf,
  readSymbols,
  SectionIndex,
  SectionType,
  SymbolBinding,
  SymbolType,
  SymbolVisibility,
  sectionByName,
  symbolTable,
} from './index'

const symbolsOf = async (file: string) => readSymbols(parseElf(await readFixture(file)))
const strings = { name: '.strtab', type: SectionType.Strtab, data: pack(true, '', 'far') }
const symtab = (data: Uint8Array, link = 1) => ({ name: '.symtab', type: SectionType.Symtab, data, link, entrySize: 24 })

describe('readSymbols', () => {
  it.each(['elf/sections.o', 'elf/sections-be.o'])('%s: functions, variables, sections, externs', async file => {
    const elf = parseElf(await readFixture(file))
    const symbols = readSymbols(elf)
    const find = (name: string) => symbols.find(symbol => symbol.name === name)
    const section = (name: string) => sectionByName(elf, name)?.index
    expect(symbols[0]).toMatchObject({ index: 0, name: '', sectionIndex: SectionIndex.Undefined })
    expect(find('first')).toMatchObject({
      type: SymbolType.Function,
      binding: SymbolBinding.Global,
      sectionIndex: section('socket'),
      value: 0n,
    })
    expect(find('halved')).toMatchObject({ type: SymbolType.Function, binding: SymbolBinding.Local, sectionIndex: section('.text') })
    expect(find('doubled')).toMatchObject({ binding: SymbolBinding.Weak })
    expect(find('outside')).toMatchObject({ type: SymbolType.None, sectionIndex: SectionIndex.Undefined })
    expect(find('total')).toMatchObject({ type: SymbolType.Object, size: 8n, sectionIndex: section('.bss') })
    expect(find('sections.bpf.c')).toMatchObject({ type: SymbolType.File, sectionIndex: SectionIndex.Absolute })
  })

  it('is the same for either byte order', async () => {
    expect(await symbolsOf('elf/sections-be.o')).toEqual(await symbolsOf('elf/sections.o'))
  })

  it('is empty for a stripped file', async () => {
    const elf = parseElf(await readFixture('elf/libshared-stripped.so'))
    expect(symbolTable(elf)).toBeUndefined()
    expect(readSymbols(elf)).toEqual([])
  })

  it('reads visibility', () => {
    const data = buildSymbols([{}, { visibility: 0xfe }])
    expect(readSymbols(parseElf(buildElf({ sections: [strings, symtab(data)] })))[1]?.visibility).toBe(SymbolVisibility.Hidden)
  })
})

describe('extended section indexes', () => {
  const data = buildSymbols([{}, { name: 1, sectionIndex: 0xffff }, { sectionIndex: 0xfff1 }, { sectionIndex: 0xfff2 }])
  const indexes = { name: '.symtab_shndx', type: SectionType.SymtabShndx, data: pack(true, 0, 0xfff1, 0, 0), link: 2 }

  it('come from the section beside the table, and differ from the special ones', () => {
    const symbols = readSymbols(parseElf(buildElf({ sections: [strings, symtab(data), indexes] })))
    expect(symbols.map(({ sectionIndex }) => sectionIndex)).toEqual([0, 0xfff1, SectionIndex.Absolute, SectionIndex.Common])
    expect(symbols[1]?.name).toBe('far')
  })

  it('must be there when a symbol refers to them', () => {
    const elf = parseElf(buildElf({ sections: [strings, symtab(data)] }))
    expect(() => readSymbols(elf)).toThrow('symbol 1 of .symtab has an extended section index, but there is none for it')
  })
})

describe('malformed symbol tables', () => {
  const parse = (...sections: Parameters<typeof symtab>) => readSymbols(parseElf(buildElf({ sections: [strings, symtab(...sections)] })))

  it('a string table that is none', () => {
    expect(() => parse(buildSymbols([{}]), 2)).toThrow('.symtab: section 2 is no string table')
    expect(() => parse(buildSymbols([{}]), 1e6)).toThrow('.symtab: section 1000000 is no string table')
  })

  it('half a symbol', () => {
    expect(() => parse(new Uint8Array(25))).toThrow('.symtab: 25 bytes is not a whole number of symbols')
  })

  it('entries of another size', () => {
    const sections = [strings, { ...symtab(buildSymbols([{}])), entrySize: 0 }]
    expect(() => readSymbols(parseElf(buildElf({ sections })))).toThrow('.symtab: entries of 0 bytes, must be 24')
  })

  it('two of them', () => {
    const sections = [strings, symtab(buildSymbols([{}])), symtab(buildSymbols([{}]))]
    expect(() => readSymbols(parseElf(buildElf({ sections })))).toThrow(
      expect.objectContaining({ code: 'ERR_BPF_ELF_SYMBOL', message: 'two symbol tables: sections 2 and 3' }),
    )
  })
})

describe('large tables', () => {
  const count = 1_000_000
  const names = `\0${Array.from({ length: 1000 }, (_, i) => `function_number_${i}`).join('\0')}\0`
  const nameStarts = Array.from({ length: names.length }, (_, i) => i).filter(i => i > 0 && names[i - 1] === '\0' && i < names.length - 1)
  const data = new Uint8Array(count * 24)
  const view = new DataView(data.buffer)
  for (let i = 0; i < count; i++) view.setUint32(i * 24, nameStarts[i % 1000] ?? 0, true)
  const sections = [{ name: '.strtab', type: SectionType.Strtab, data: new TextEncoder().encode(names) }, symtab(data)]
  const elf = parseElf(buildElf({ sections }))

  it('are searched in place', () => {
    const wanted = new TextEncoder().encode('function_number_999')
    const table = symbolTable(elf)
    let found = 0
    for (let i = 0; i < count; i++) if (table?.nameStarts(i, wanted, [0])) found++
    expect(found).toBe(1000)
  })

  it('are read in linear time', () => {
    const start = performance.now()
    expect(readSymbols(elf)).toHaveLength(count)
    expect(performance.now() - start).toBeLessThan(15_000)
  })
})
