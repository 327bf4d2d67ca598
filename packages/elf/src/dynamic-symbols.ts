import { type DynamicTables, dynamicTables } from './dynamic-tables'
import type { SymbolTable } from './symbol-table'
import type { ElfDynamicSymbol, ElfFile, ElfSymbolVersion } from './types'
import { definedVersions, requiredVersions, versionOf } from './versions'

/** The dynamic symbols read in place, with their versions. */
export interface DynamicSymbolTable {
  readonly symbols: SymbolTable
  /** The version of one symbol; undefined for local and unversioned ones. */
  readonly version: (index: number) => ElfSymbolVersion | undefined
}

/**
 * The symbols that other files link against: `.dynsym`, or what the dynamic section points to if the file has no sections.
 * Undefined for static files.
 * @throws ElfError, BoundsError, UnsafeIntegerError
 */
export function dynamicSymbolTable(elf: ElfFile): DynamicSymbolTable | undefined {
  const tables = dynamicTables(elf)
  return tables && { symbols: tables.symbols, version: versionLookup(tables, elf.header.littleEndian) }
}

/** All dynamic symbols, index 0 (the null symbol) included; empty for static files. @throws as `dynamicSymbolTable` */
export function readDynamicSymbols(elf: ElfFile): ElfDynamicSymbol[] {
  const table = dynamicSymbolTable(elf)
  if (table === undefined) return []
  return Array.from(table.symbols, symbol => ({ ...symbol, version: table.version(symbol.index) }))
}

/** As linkers write it: `memcpy@@GLIBC_2.14` for the default version, `memcpy@GLIBC_2.2.5` for others, or the bare name. */
export function versionedName({ name, version }: Pick<ElfDynamicSymbol, 'name' | 'version'>): string {
  // A version is itself a symbol, named like the version it has.
  if (version === undefined || version.name === name) return name
  return `${name}${version.isDefault ? '@@' : '@'}${version.name}`
}

function versionLookup(tables: DynamicTables, littleEndian: boolean): DynamicSymbolTable['version'] {
  const { versionIndexes: entries, definitions, requirements } = tables
  if (entries === undefined) return () => undefined
  const defined = definitions ? definedVersions(definitions, littleEndian) : new Map<number, string>()
  const required = requirements ? requiredVersions(requirements, littleEndian) : new Map<number, string>()
  const view = new DataView(entries.buffer, entries.byteOffset, entries.byteLength)
  return index => (index * 2 + 2 > view.byteLength ? undefined : versionOf(view.getUint16(index * 2, littleEndian), defined, required))
}
