/**
 * ELF64 reader for BPF objects and for the executables that probes attach to; pure TypeScript, no dependencies.
 *
 * @module @bpf/elf
 */

export { BoundsError, BpfError, UnsafeIntegerError } from '@bpf/bytes'
export { type AddressMap, addressMap, fileOffset } from './addresses'
export { type CompressedContents, CompressionType, type Inflate } from './compression'
export {
  BpfRelocationType,
  ElfMachine,
  ElfType,
  SectionFlag,
  SectionIndex,
  SectionType,
  SegmentFlag,
  SegmentType,
  SymbolBinding,
  SymbolType,
  SymbolVisibility,
} from './constants'
export { crc32 } from './crc32'
export { type DebugLink, readDebugLink } from './debug-link'
export { type DynamicEntry, DynamicTag, readDynamic } from './dynamic'
export { type DynamicSymbolTable, dynamicSymbolTable, readDynamicSymbols, versionedName } from './dynamic-symbols'
export { ElfError, type ElfErrorCode, type ElfErrorOptions } from './errors'
export { type ElfFunction, type FunctionSearchOptions, findFunction, listFunctions } from './functions'
export { readMiniDebugInfo } from './mini-debug-info'
export { buildId, type ElfNote, GnuNoteType, readNotes } from './notes'
export { parseElf } from './parse'
export { readRelocations } from './relocations'
export { compressedContents, type SectionDataOptions, sectionByName, sectionData } from './section-data'
export { readSymbols, SymbolTable, symbolTable } from './symbol-table'
export type * from './types'
export { readUsdtProbes, type UsdtProbe } from './usdt'
export { withoutDebugInfo } from './without-debug'
