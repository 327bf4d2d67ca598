/** Constants of the ELF format, from the generic ABI (gABI) and its GNU and LLVM additions. */

/** `e_type`. */
export const ElfType = {
  None: 0,
  /** Relocatable object (`.o`); every BPF object. */
  Relocatable: 1,
  /** Executable linked at a fixed address. */
  Executable: 2,
  /** Shared library or position-independent executable. */
  Shared: 3,
  Core: 4,
} as const

/** `e_machine`: those that BPF runs on. */
export const ElfMachine = {
  None: 0,
  I386: 3,
  Mips: 8,
  PowerPc: 20,
  PowerPc64: 21,
  S390: 22,
  Arm: 40,
  X86_64: 62,
  Aarch64: 183,
  RiscV: 243,
  Bpf: 247,
  LoongArch: 258,
} as const

/** `sh_type`. */
export const SectionType = {
  Null: 0,
  Progbits: 1,
  Symtab: 2,
  Strtab: 3,
  Rela: 4,
  Hash: 5,
  Dynamic: 6,
  Note: 7,
  /** Occupies memory but no file bytes (`.bss`). */
  Nobits: 8,
  Rel: 9,
  Dynsym: 11,
  InitArray: 14,
  FiniArray: 15,
  PreinitArray: 16,
  Group: 17,
  /** Section indexes of symbols whose own 16-bit field is too small. */
  SymtabShndx: 18,
  Relr: 19,
  LlvmAddrsig: 0x6fff4c03,
  GnuHash: 0x6ffffff6,
  GnuVerdef: 0x6ffffffd,
  GnuVerneed: 0x6ffffffe,
  GnuVersym: 0x6fffffff,
} as const

/** `sh_flags`. */
export const SectionFlag = {
  Write: 0x1,
  Alloc: 0x2,
  ExecInstr: 0x4,
  Merge: 0x10,
  Strings: 0x20,
  InfoLink: 0x40,
  LinkOrder: 0x80,
  Group: 0x200,
  Tls: 0x400,
  /** The contents begin with a compression header. */
  Compressed: 0x800,
  GnuRetain: 0x200000,
} as const

/** `p_type`. */
export const SegmentType = {
  Null: 0,
  Load: 1,
  Dynamic: 2,
  Interp: 3,
  Note: 4,
  Phdr: 6,
  Tls: 7,
  GnuEhFrame: 0x6474e550,
  GnuStack: 0x6474e551,
  GnuRelro: 0x6474e552,
  GnuProperty: 0x6474e553,
} as const

/** `p_flags`. */
export const SegmentFlag = { Execute: 1, Write: 2, Read: 4 } as const

/** Low four bits of `st_info`. */
export const SymbolType = {
  None: 0,
  Object: 1,
  Function: 2,
  Section: 3,
  File: 4,
  Common: 5,
  Tls: 6,
  /** The address is of a resolver that returns the function (`STT_GNU_IFUNC`). */
  IndirectFunction: 10,
} as const

/** High four bits of `st_info`. */
export const SymbolBinding = {
  Local: 0,
  Global: 1,
  Weak: 2,
  GnuUnique: 10,
} as const

/** Low two bits of `st_other`. */
export const SymbolVisibility = {
  Default: 0,
  Internal: 1,
  Hidden: 2,
  Protected: 3,
} as const

/**
 * Values of `ElfSymbol.sectionIndex` that name no section.
 *
 * The reserved 16-bit numbers of the file (0xfff1, 0xfff2) are sign-extended here: with extended numbering they are
 * also possible indexes of real sections.
 */
export const SectionIndex = {
  /** Defined elsewhere (`SHN_UNDEF`). */
  Undefined: 0,
  /** The value is absolute (`SHN_ABS`). */
  Absolute: -15,
  /** Not yet allocated (`SHN_COMMON`). */
  Common: -14,
} as const

/** Relocation types of BPF objects (Documentation/bpf/llvm_reloc.rst). */
export const BpfRelocationType = {
  R_BPF_NONE: 0,
  /** The 64-bit immediate of an `ldimm64`. */
  R_BPF_64_64: 1,
  /** 64 bits of data. */
  R_BPF_64_ABS64: 2,
  /** 32 bits of data. */
  R_BPF_64_ABS32: 3,
  /** 32 bits of data that a loader leaves alone (`.BTF`, `.BTF.ext`). */
  R_BPF_64_NODYLD32: 4,
  /** The immediate of a `call`. */
  R_BPF_64_32: 10,
} as const
