import { ByteWriter } from '@bpf/bytes'
import { ElfMachine, type ElfSymbol, ElfType, SectionFlag, SectionType, SymbolBinding } from '@bpf/elf'
import { StringTableWriter } from './string-table-writer'

/** A section to write; `sectionIndex` of symbols and `target` of relocations count from 1, since section 0 is the null section. */
export interface SectionInput {
  readonly name: string
  /** `SectionType`. */
  readonly type: number
  /** `SectionFlag` bits. */
  readonly flags: number
  readonly alignment: number
  readonly entrySize?: number
  /** Of NOBITS sections undefined; `size` counts then. */
  readonly bytes: Uint8Array | undefined
  /** Bytes, of a NOBITS section. */
  readonly size?: number
  /** Written as a section `.rel<name>` behind all others. */
  readonly relocations?: readonly RelocationInput[]
}

export type SymbolInput = Omit<ElfSymbol, 'index'>

export interface RelocationInput {
  readonly offset: number
  /** Index in `symbols`, counting from 0. */
  readonly symbol: number
  readonly type: number
}

export interface ElfInput {
  readonly littleEndian: boolean
  readonly machine?: number
  readonly type?: number
  readonly sections: readonly SectionInput[]
  /** Local ones first, as the format wants it; the null symbol is added. */
  readonly symbols: readonly SymbolInput[]
}

const HEADER_SIZE = 64
const SECTION_HEADER_SIZE = 64
const SYMBOL_SIZE = 24
const RELOCATION_SIZE = 16

/** A section as its header describes it. */
interface PlainSection extends Omit<SectionInput, 'relocations'> {
  readonly link?: number
  readonly info?: number
}

/** Writes a relocatable ELF64 object: the sections, then `.symtab`, the relocations and `.strtab`. */
export function encodeElf(input: ElfInput): Uint8Array<ArrayBuffer> {
  const { littleEndian } = input
  const strings = new StringTableWriter()
  const sections = plainSections(input, strings)
  const names = [...sections.map(({ name }) => name), '.strtab'].map(name => strings.offsetOf(name))
  const strtab: PlainSection = { name: '.strtab', type: SectionType.Strtab, flags: 0, alignment: 1, bytes: strings.toBytes() }
  const all = [...sections, strtab]

  const out = new ByteWriter({ littleEndian }).bytes(new Uint8Array(HEADER_SIZE))
  const offsets = all.map(({ alignment, bytes }) => {
    if (bytes !== undefined) out.align(Math.max(alignment, 1))
    const offset = out.length
    out.bytes(bytes ?? new Uint8Array())
    return offset
  })
  out.align(8)
  const headers = out.length
  out.bytes(new Uint8Array(SECTION_HEADER_SIZE))
  for (const [index, section] of all.entries()) writeSectionHeader(out, section, names[index] ?? 0, offsets[index] ?? 0)
  const bytes = out.toBytes()
  bytes.set(encodeHeader(input, headers, all.length))
  return bytes
}

/** All sections but the string table, which is complete only when everything has its name. */
function plainSections({ littleEndian, sections, symbols }: ElfInput, strings: StringTableWriter): PlainSection[] {
  const relocated = sections.flatMap((section, index) => (section.relocations?.length ? [{ section, target: index + 1 }] : []))
  const symtab = sections.length + 1
  const symbolTable: PlainSection = {
    ...{ name: '.symtab', type: SectionType.Symtab, flags: 0, alignment: 8, entrySize: SYMBOL_SIZE },
    bytes: encodeSymbols(symbols, strings, littleEndian),
    link: symtab + relocated.length + 1,
    info: symbols.filter(({ binding }) => binding === SymbolBinding.Local).length + 1,
  }
  const relocations = relocated.map(
    ({ section, target }): PlainSection => ({
      ...{ name: `.rel${section.name}`, type: SectionType.Rel, flags: SectionFlag.InfoLink, alignment: 8, entrySize: RELOCATION_SIZE },
      bytes: encodeRelocations(section.relocations ?? [], littleEndian),
      link: symtab,
      info: target,
    }),
  )
  return [...sections, symbolTable, ...relocations]
}

/** @param count of sections, the null section not counted; the last has the names */
function encodeHeader({ littleEndian, machine, type }: ElfInput, sectionHeaders: number, count: number): Uint8Array {
  const out = new ByteWriter({ littleEndian, capacity: HEADER_SIZE })
  out.u8(0x7f).u8(0x45).u8(0x4c).u8(0x46)
  out
    .u8(2)
    .u8(littleEndian ? 1 : 2)
    .u8(1)
    .bytes(new Uint8Array(9))
  out
    .u16(type ?? ElfType.Relocatable)
    .u16(machine ?? ElfMachine.Bpf)
    .u32(1)
  out.u64(0n).u64(0n).u64(BigInt(sectionHeaders))
  out
    .u32(0)
    .u16(HEADER_SIZE)
    .u16(0)
    .u16(0)
    .u16(SECTION_HEADER_SIZE)
    .u16(count + 1)
    .u16(count)
  return out.toBytes()
}

function writeSectionHeader(out: ByteWriter, section: PlainSection, name: number, offset: number): void {
  const size = section.bytes?.length ?? section.size ?? 0
  out.u32(name).u32(section.type).u64(BigInt(section.flags)).u64(0n)
  out.u64(BigInt(offset)).u64(BigInt(size))
  out.u32(section.link ?? 0).u32(section.info ?? 0)
  out.u64(BigInt(section.alignment)).u64(BigInt(section.entrySize ?? 0))
}

function encodeSymbols(symbols: readonly SymbolInput[], strings: StringTableWriter, littleEndian: boolean): Uint8Array {
  const out = new ByteWriter({ littleEndian, capacity: (symbols.length + 1) * SYMBOL_SIZE }).bytes(new Uint8Array(SYMBOL_SIZE))
  for (const { name, value, size, type, binding, visibility, sectionIndex } of symbols) {
    out
      .u32(strings.offsetOf(name))
      .u8((binding << 4) | type)
      .u8(visibility)
      .u16(sectionIndex & 0xffff)
      .u64(value)
      .u64(size)
  }
  return out.toBytes()
}

function encodeRelocations(relocations: readonly RelocationInput[], littleEndian: boolean): Uint8Array {
  const out = new ByteWriter({ littleEndian, capacity: relocations.length * RELOCATION_SIZE })
  for (const { offset, symbol, type } of relocations) out.u64(BigInt(offset)).u64((BigInt(symbol + 1) << 32n) | BigInt(type))
  return out.toBytes()
}
