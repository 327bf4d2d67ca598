/** What `parseElf` returns: plain data that shares memory with the input. Section contents are read on request. */
export interface ElfFile {
  /** The whole file, not copied. */
  readonly bytes: Uint8Array
  readonly header: ElfHeader
  /** In file order; index 0 is the null section. */
  readonly sections: readonly ElfSection[]
  /** Program headers; empty for relocatable objects. */
  readonly segments: readonly ElfSegment[]
}

export interface ElfHeader {
  readonly littleEndian: boolean
  readonly osAbi: number
  /** `ElfType`: relocatable object, executable, shared library. */
  readonly type: number
  /** `ElfMachine`: 247 is BPF. */
  readonly machine: number
  readonly entry: bigint
  readonly flags: number
}

export interface ElfSection {
  readonly index: number
  readonly name: string
  /** `SectionType`. */
  readonly type: number
  /** `SectionFlag` bits; only the low 32 bits of the 64-bit field are defined by anyone. */
  readonly flags: number
  readonly address: bigint
  /** Byte offset of the contents in the file. */
  readonly offset: number
  /** Size in bytes, of the file contents or, for NOBITS, of the memory. */
  readonly size: number
  readonly link: number
  readonly info: number
  readonly alignment: number
  readonly entrySize: number
}

export interface ElfSegment {
  /** `SegmentType`. */
  readonly type: number
  /** `SegmentFlag` bits. */
  readonly flags: number
  readonly offset: number
  readonly virtualAddress: bigint
  readonly fileSize: number
  readonly memorySize: bigint
  readonly alignment: bigint
}

export interface ElfSymbol {
  /** Index in its table. */
  readonly index: number
  readonly name: string
  readonly value: bigint
  readonly size: bigint
  /** `SymbolType`. */
  readonly type: number
  /** `SymbolBinding`. */
  readonly binding: number
  /** `SymbolVisibility`. */
  readonly visibility: number
  /** Index of the section that defines it, extended numbering resolved; `SectionIndex` for the special ones. */
  readonly sectionIndex: number
}

export interface ElfSymbolVersion {
  /** `GLIBC_2.14`. */
  readonly name: string
  /** A definition that programs get which ask for no version: written `name@@VERSION`. */
  readonly isDefault: boolean
}

export interface ElfDynamicSymbol extends ElfSymbol {
  /** Undefined for local and unversioned symbols. */
  readonly version: ElfSymbolVersion | undefined
}

export interface ElfRelocation {
  /** Byte offset in the section that `info` of the relocation section names (an address in executables). */
  readonly offset: number
  /** Index in the symbol table that `link` of the relocation section names. */
  readonly symbolIndex: number
  /** Relocation type, per machine (R_BPF_64_64 = 1, R_BPF_64_ABS64 = 2, R_BPF_64_ABS32 = 3, R_BPF_64_NODYLD32 = 4, R_BPF_64_32 = 10). */
  readonly type: number
  /** Explicit for RELA; undefined for REL, whose addend is in the relocated bytes. */
  readonly addend: bigint | undefined
}
