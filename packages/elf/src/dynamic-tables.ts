import { Cursor } from '@bpf/bytes'
import { loadedBytes } from './addresses'
import { ElfMachine, SectionType } from './constants'
import { DynamicTag, readDynamic } from './dynamic'
import { ElfError } from './errors'
import { RecordSize } from './header'
import { describe, sectionData } from './section-data'
import { StringTable } from './string-table'
import { linkedStrings, SymbolTable, sectionSymbols } from './symbol-table'
import type { ElfFile, ElfSection } from './types'

/** A chain of version records (`Elf64_Verdef` or `Elf64_Verneed`) and the strings that it refers to. */
export interface VersionRecords {
  readonly bytes: Uint8Array
  /** How many records the chain has. */
  readonly count: number
  readonly strings: StringTable
  /** Named in errors. */
  readonly section: string
}

/** The dynamic symbols and what says their versions, wherever they were found. */
export interface DynamicTables {
  readonly symbols: SymbolTable
  /** One 16-bit version index a symbol. */
  readonly versionIndexes: Uint8Array | undefined
  readonly definitions: VersionRecords | undefined
  readonly requirements: VersionRecords | undefined
}

/** Finds the tables by section; in files stripped of section headers, as the dynamic linker does. @throws ElfError */
export function dynamicTables(elf: ElfFile): DynamicTables | undefined {
  return elf.sections.length > 0 ? fromSections(elf) : fromDynamic(elf)
}

function fromSections(elf: ElfFile): DynamicTables | undefined {
  const find = (wanted: number) => elf.sections.find(({ type }) => type === wanted)
  const symbols = find(SectionType.Dynsym)
  if (symbols === undefined) return undefined
  const symbolStrings = linkedStrings(elf, symbols)
  // Nearly always the same table, which is decoded as a whole.
  const strings = (section: ElfSection) => (section.link === symbols.link ? symbolStrings : linkedStrings(elf, section))
  const records = (type: number): VersionRecords | undefined => {
    const section = find(type)
    return section && { bytes: sectionData(elf, section), count: section.info, strings: strings(section), section: describe(section) }
  }
  const versym = find(SectionType.GnuVersym)
  return {
    symbols: sectionSymbols(elf, symbols, symbolStrings),
    versionIndexes: versym && sectionData(elf, versym),
    definitions: records(SectionType.GnuVerdef),
    requirements: records(SectionType.GnuVerneed),
  }
}

function fromDynamic(elf: ElfFile): DynamicTables | undefined {
  const values = new Map(readDynamic(elf).map(({ tag, value }) => [tag, value]))
  const bytesAt = (tag: number) => loaded(elf, values.get(tag))
  const symtab = bytesAt(DynamicTag.Symtab)
  const strtab = bytesAt(DynamicTag.Strtab)
  if (symtab === undefined || strtab === undefined) return undefined

  const stringBytes = strtab.subarray(0, Number(values.get(DynamicTag.StringsSize) ?? strtab.length))
  const strings = new StringTable(stringBytes, 'DT_STRTAB', stringBytes.byteOffset - elf.bytes.byteOffset)
  const records = (tag: number, countTag: number): VersionRecords | undefined => {
    const bytes = bytesAt(tag)
    return bytes && { bytes, count: Number(values.get(countTag) ?? 0n), strings, section: 'dynamic section' }
  }
  const count = symbolCount(elf, bytesAt(DynamicTag.Hash), bytesAt(DynamicTag.GnuHash))
  if (count * RecordSize.Symbol > symtab.length) {
    throw new ElfError('ERR_BPF_ELF_DYNAMIC', `${count} dynamic symbols are past the end of their segment`)
  }
  return {
    symbols: new SymbolTable({
      bytes: symtab.subarray(0, count * RecordSize.Symbol),
      littleEndian: elf.header.littleEndian,
      offset: symtab.byteOffset - elf.bytes.byteOffset,
      section: 'DT_SYMTAB',
      strings,
    }),
    versionIndexes: bytesAt(DynamicTag.Versym),
    definitions: records(DynamicTag.Verdef, DynamicTag.VerdefCount),
    requirements: records(DynamicTag.Verneed, DynamicTag.VerneedCount),
  }
}

function loaded(elf: ElfFile, address: bigint | undefined): Uint8Array | undefined {
  if (address === undefined) return undefined
  const bytes = loadedBytes(elf, address)
  if (bytes === undefined) throw new ElfError('ERR_BPF_ELF_DYNAMIC', `no segment holds the dynamic data at 0x${address.toString(16)}`)
  return bytes
}

/** The dynamic section does not say how many symbols there are, but its hash tables do. */
function symbolCount(elf: ElfFile, hash: Uint8Array | undefined, gnuHash: Uint8Array | undefined): number {
  const { littleEndian, machine } = elf.header
  const cursor = (bytes: Uint8Array) => new Cursor(bytes, { littleEndian, context: 'symbol hash table' })
  if (hash !== undefined) return hashChainCount(cursor(hash), machine)
  if (gnuHash !== undefined) return gnuHashCount(cursor(gnuHash))
  throw new ElfError('ERR_BPF_ELF_DYNAMIC', 'neither DT_HASH nor DT_GNU_HASH says how many dynamic symbols there are')
}

/** `nchain` is the number of symbols. Alone among the machines here, 64-bit S390 has 64-bit words in the table. */
function hashChainCount(c: Cursor, machine: number): number {
  if (machine === ElfMachine.S390) return c.skip(8).size64()
  return c.skip(4).u32()
}

/** The last symbol is the end of the chain that begins last. */
function gnuHashCount(c: Cursor): number {
  const bucketCount = c.u32()
  const firstHashed = c.u32()
  const bloomWords = c.u32()
  c.skip(4 + bloomWords * 8)
  if (bucketCount * 4 > c.remaining) throw new ElfError('ERR_BPF_ELF_DYNAMIC', `symbol hash table has no room for ${bucketCount} buckets`)
  let last = 0
  for (let bucket = 0; bucket < bucketCount; bucket++) last = Math.max(last, c.u32())
  if (last < firstHashed) return firstHashed
  c.skip((last - firstHashed) * 4)
  while ((c.u32() & 1) === 0) last++
  return last + 1
}
