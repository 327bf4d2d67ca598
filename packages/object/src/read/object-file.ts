import type { Btf, BtfExt } from '@bpf/btf'
import { groupBy, nameOf } from '@bpf/bytes'
import {
  type ElfFile,
  ElfMachine,
  type ElfSection,
  type ElfSymbol,
  ElfType,
  parseElf,
  SymbolType,
  sectionData,
  symbolTable,
} from '@bpf/elf'
import { ObjectError } from '../object-error'
import { readBtfSections } from './btf-sections'
import { type SectionRole, sectionRole } from './section-role'

/** An ELF file that is known to be a BPF object, with what every part of the reader asks for. */
export interface ObjectFile {
  readonly elf: ElfFile
  readonly littleEndian: boolean
  /** By ELF section index. */
  readonly sections: readonly ObjectSection[]
  /** By symbol index. */
  readonly symbols: readonly ElfSymbol[]
  readonly btf: Btf | undefined
  readonly btfExt: BtfExt | undefined
  readonly warnings: string[]
}

export interface ObjectSection {
  readonly index: number
  readonly name: string
  readonly role: SectionRole
  /** Bytes; that of memory for `.bss`. */
  readonly size: number
  readonly elf: ElfSection
  /** Symbols that it defines, by value; section and file symbols are left out. */
  readonly symbols: readonly ElfSymbol[]
}

/** @throws ElfError, ObjectError, and BtfError if BTF is damaged and the object needs it */
export function openObject(bytes: Uint8Array): ObjectFile {
  const elf = parseElf(bytes)
  checkMachine(elf)
  const table = symbolTable(elf)
  if (table === undefined) {
    const hint = 'It was probably stripped: `llvm-strip -g` keeps symbols and .BTF.'
    throw new ObjectError('ERR_BPF_OBJECT_STRIPPED', 'object has no symbol table', { hint })
  }
  const symbols = [...table]
  const sections = describeSections(elf, symbols)
  const warnings: string[] = []
  return { elf, littleEndian: elf.header.littleEndian, sections, symbols, ...readBtfSections(elf, sections, symbols, warnings), warnings }
}

/** The contents of a section; of `.bss` none. @throws ElfError */
export function contentsOf(file: ObjectFile, section: ObjectSection): Uint8Array {
  return sectionData(file.elf, section.elf)
}

/** The section that defines a symbol; undefined for undefined and absolute ones. */
export function sectionOf(file: ObjectFile, symbol: ElfSymbol): ObjectSection | undefined {
  return symbol.sectionIndex > 0 ? file.sections[symbol.sectionIndex] : undefined
}

export function sectionsWithRole(file: ObjectFile, ...roles: SectionRole[]): ObjectSection[] {
  return file.sections.filter(({ role }) => roles.includes(role))
}

function checkMachine({ header }: ElfFile): void {
  // LLVM before 3.9 left the machine unset.
  const isBpf = header.machine === ElfMachine.Bpf || header.machine === ElfMachine.None
  if (!isBpf) {
    const hint = 'Compile it with `clang -target bpf -c`.'
    throw new ObjectError(
      'ERR_BPF_OBJECT_NOT_BPF',
      `ELF file is for ${nameOf(ElfMachine, header.machine) ?? `machine ${header.machine}`}, not for BPF (${ElfMachine.Bpf})`,
      { hint },
    )
  }
  if (header.type !== ElfType.Relocatable) {
    throw new ObjectError('ERR_BPF_OBJECT_NOT_BPF', `ELF file is of type ${header.type}, not a relocatable object (${ElfType.Relocatable})`)
  }
}

function describeSections(elf: ElfFile, symbols: readonly ElfSymbol[]): ObjectSection[] {
  const named = symbols.filter(({ type, name }) => type !== SymbolType.Section && type !== SymbolType.File && name !== '')
  const bySection = groupBy(named, symbol => symbol.sectionIndex)
  return elf.sections.map(section => ({
    index: section.index,
    name: section.name,
    role: sectionRole(section),
    size: section.size,
    elf: section,
    symbols: (bySection.get(section.index) ?? []).sort(byValue),
  }))
}

function byValue(a: ElfSymbol, b: ElfSymbol): number {
  return a.value < b.value ? -1 : a.value > b.value ? 1 : a.index - b.index
}
