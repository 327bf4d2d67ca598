import { SectionType } from './constants'
import { ElfError } from './errors'
import { RecordSize } from './header'
import { describe, sectionData } from './section-data'
import { StringTable } from './string-table'
import type { ElfFile, ElfSection, ElfSymbol } from './types'

/** Byte offsets in `Elf64_Sym`. */
const Field = { name: 0, info: 4, other: 5, sectionIndex: 6, value: 8, size: 16 } as const

/** `st_shndx` of a symbol whose real section index is in the SHT_SYMTAB_SHNDX section. */
const indexEscape = 0xffff
const firstReservedIndex = 0xff00

/** What a symbol table is made of; offsets are of the file, for errors. */
export interface SymbolTableParts {
  readonly bytes: Uint8Array
  readonly littleEndian: boolean
  readonly offset: number
  /** Named in errors. */
  readonly section: string
  readonly strings: StringTable
  /** Contents of the SHT_SYMTAB_SHNDX section. */
  readonly extendedIndexes?: Uint8Array | undefined
}

/**
 * A symbol table read in place: nothing is decoded until it is asked for, so a table of a million symbols can be searched
 * without making a million objects.
 */
export class SymbolTable {
  readonly length: number
  /** Named in errors, e.g. `.symtab`. */
  readonly section: string
  readonly #strings: StringTable
  readonly #littleEndian: boolean
  readonly #offset: number
  readonly #view: DataView
  readonly #extended: DataView | undefined

  constructor({ bytes, littleEndian, offset, section, strings, extendedIndexes }: SymbolTableParts) {
    this.length = Math.floor(bytes.length / RecordSize.Symbol)
    this.section = section
    this.#strings = strings
    this.#littleEndian = littleEndian
    this.#offset = offset
    this.#view = viewOf(bytes)
    this.#extended = extendedIndexes && viewOf(extendedIndexes)
  }

  /** Whether the name begins with the bytes `wanted` and goes on with one of the bytes `next`; makes no string. */
  nameStarts(index: number, wanted: Uint8Array, next: readonly number[]): boolean {
    return this.#strings.starts(this.#nameOffset(index), wanted, next)
  }

  /** @throws ElfError */
  name(index: number): string {
    return this.#strings.get(this.#nameOffset(index))
  }

  /** `SymbolType`. */
  type(index: number): number {
    return this.#view.getUint8(index * RecordSize.Symbol + Field.info) & 0xf
  }

  value(index: number): bigint {
    return this.#view.getBigUint64(index * RecordSize.Symbol + Field.value, this.#littleEndian)
  }

  /** Index of the defining section, see `ElfSymbol.sectionIndex`. @throws ElfError */
  sectionIndex(index: number): number {
    const raw = this.#view.getUint16(index * RecordSize.Symbol + Field.sectionIndex, this.#littleEndian)
    if (raw < firstReservedIndex) return raw
    if (raw !== indexEscape) return raw - 0x10000
    if (this.#extended === undefined || index * 4 + 4 > this.#extended.byteLength) {
      const message = `symbol ${index} of ${this.section} has an extended section index, but there is none for it`
      throw new ElfError('ERR_BPF_ELF_SYMBOL', message, { section: this.section, offset: this.#offset + index * RecordSize.Symbol })
    }
    return this.#extended.getUint32(index * 4, this.#littleEndian)
  }

  /** Whether some section of the file, or an absolute value, defines it. */
  isDefined(index: number): boolean {
    return this.#view.getUint16(index * RecordSize.Symbol + Field.sectionIndex, this.#littleEndian) !== 0
  }

  /** The symbol as plain data. `index` must be below `length`. @throws ElfError */
  at(index: number): ElfSymbol {
    const at = index * RecordSize.Symbol
    const info = this.#view.getUint8(at + Field.info)
    return {
      index,
      name: this.name(index),
      value: this.value(index),
      size: this.#view.getBigUint64(at + Field.size, this.#littleEndian),
      type: info & 0xf,
      binding: info >> 4,
      visibility: this.#view.getUint8(at + Field.other) & 0x3,
      sectionIndex: this.sectionIndex(index),
    }
  }

  #nameOffset(index: number): number {
    return this.#view.getUint32(index * RecordSize.Symbol + Field.name, this.#littleEndian)
  }

  *[Symbol.iterator](): IterableIterator<ElfSymbol> {
    for (let index = 0; index < this.length; index++) yield this.at(index)
  }
}

/** The `.symtab`; undefined for stripped files. @throws ElfError if it is malformed or there are two */
export function symbolTable(elf: ElfFile): SymbolTable | undefined {
  const [section, second] = elf.sections.filter(({ type }) => type === SectionType.Symtab)
  if (second !== undefined) throw error(second, `two symbol tables: sections ${section?.index} and ${second.index}`)
  return section && sectionSymbols(elf, section, linkedStrings(elf, section))
}

/** All symbols of `.symtab`, index 0 (the null symbol) included; empty for stripped files. @throws ElfError */
export function readSymbols(elf: ElfFile): ElfSymbol[] {
  return [...(symbolTable(elf) ?? [])]
}

/** Opens the symbol table in a section of type SYMTAB or DYNSYM. @throws ElfError */
export function sectionSymbols(elf: ElfFile, section: ElfSection, strings: StringTable): SymbolTable {
  if (section.entrySize !== RecordSize.Symbol) {
    throw error(section, `${describe(section)}: entries of ${section.entrySize} bytes, must be ${RecordSize.Symbol}`)
  }
  if (section.size % RecordSize.Symbol !== 0) {
    throw error(section, `${describe(section)}: ${section.size} bytes is not a whole number of symbols`)
  }
  const indexes = elf.sections.find(({ type, link }) => type === SectionType.SymtabShndx && link === section.index)
  return new SymbolTable({
    bytes: sectionData(elf, section),
    littleEndian: elf.header.littleEndian,
    offset: section.offset,
    section: describe(section),
    strings,
    extendedIndexes: indexes && sectionData(elf, indexes),
  })
}

/** The string table that a section's `link` names. @throws ElfError */
export function linkedStrings(elf: ElfFile, section: ElfSection): StringTable {
  const strings = elf.sections[section.link]
  if (strings?.type !== SectionType.Strtab) throw error(section, `${describe(section)}: section ${section.link} is no string table`)
  return new StringTable(sectionData(elf, strings), describe(strings), strings.offset)
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function error(section: ElfSection, message: string): ElfError {
  return new ElfError('ERR_BPF_ELF_SYMBOL', message, { section: section.name, offset: section.offset })
}
