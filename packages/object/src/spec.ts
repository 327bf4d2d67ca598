import type { Btf, BtfExt, TypeId } from '@bpf/btf'

/**
 * What a compiled object says, before anything is decided about a kernel.
 *
 * Plain data that belongs to the caller: rename, resize, replace or drop things by assigning to the fields, then `plan()`.
 * `plan()` never changes a spec. Nothing numeric is patched here: what an instruction refers to stays a `Reference`.
 */
export interface ObjectSpec {
  /** From the file name, without directory and extension; used in the names of data-section maps. */
  name: string
  readonly littleEndian: boolean
  license: string
  /** The `version` section, KERNEL_VERSION(a, b, c); 0 when absent. */
  version: number
  maps: MapSpec[]
  /** Entry programs in (section, offset) order. */
  programs: ProgramSpec[]
  /** Every function that programs can call: those of `.text`, and programs themselves. By symbol name. */
  functions: FunctionSpec[]
  variables: VariableSpec[]
  externs: ExternSpec[]
  structOps: StructOpsSpec[]
  jumpTables: JumpTableSpec[]
  /** What DATASEC types leave out, for every section that a DATASEC of `btf` names and ELF has. */
  readonly dataSections: readonly DataSectionLayout[]
  /** Undefined for objects without `.BTF`. */
  btf: Btf | undefined
  btfExt: BtfExt | undefined
  /** What reading passed over or guessed, one sentence each. */
  readonly warnings: string[]
}

/** How a map was defined, which decides what a plan does with it. */
export type MapOrigin =
  /** `struct bpf_map_def` in section `maps` (or `maps/NAME`). */
  | { readonly kind: 'legacy'; readonly section: string }
  /** BTF-defined in `.maps`. */
  | { readonly kind: 'btf' }
  /** A data section: `.data`, `.rodata.x`, `.bss`, …; or `.kconfig`, whose bytes the plan computes. */
  | { readonly kind: 'data'; readonly section: string; readonly access: 'readWrite' | 'readOnly' | 'kconfig' }
  /** A `.struct_ops` variable. */
  | { readonly kind: 'structOps'; readonly variable: string }
  /** Made by the caller. */
  | { readonly kind: 'caller' }

export interface MapSpec {
  /** The name in C, or of the section; what references use. */
  name: string
  /** The kernel's name, at most 15 bytes; derived from `name` when undefined. */
  kernelName: string | undefined
  /** `enum bpf_map_type`. */
  type: number
  /** Bytes. */
  keySize: number
  /** Bytes. */
  valueSize: number
  maxEntries: number
  /** `BPF_F_*` of map creation. Data sections carry theirs: RDONLY_PROG when read-only, MMAPABLE when a variable is visible from outside. */
  flags: number
  mapExtra: bigint
  numaNode: number
  ifindex: number
  /** In the object's BTF; 0 = none. */
  keyTypeId: TypeId | 0
  valueTypeId: TypeId | 0
  /** What a ring or perf buffer carries, where the definition does not say it and the caller does: see `recordTypeOf`. */
  recordTypeId: TypeId | 0
  /** Template of the inner maps (map-in-map). */
  inner: MapSpec | undefined
  /** Initial slots: maps of a map-in-map, programs of a program array. */
  slots: { index: number; kind: 'map' | 'program'; name: string }[]
  /** `none`, `byName` = libbpf's LIBBPF_PIN_BY_NAME, or another value of the `pinning` attribute, kept as it is. */
  pinning: 'none' | 'byName' | number
  /** Where to pin; undefined with `byName` means the loader's pin directory plus the name. */
  pinPath: string | undefined
  /**
   * Initial contents of a data section's single entry; of an arena, the bytes of `.addr_space.1`. Undefined for other maps,
   * and for sections that are all zeros in the file's terms (`.bss`): a header may claim any size, so nothing is allocated
   * before a variable is set.
   */
  contents: Uint8Array | undefined
  /** Create it at all; false makes references to it poison. */
  autoCreate: boolean
  readonly origin: MapOrigin
}

export interface ProgramSpec {
  /** The function's symbol. */
  name: string
  /** As written: `?fentry/vfs_read`. */
  readonly section: string
  /** The section pattern that matched, e.g. `fentry+`; undefined when the section is unknown. */
  readonly pattern: string | undefined
  /** The section only matched by the rules of old loaders (`xdp_foo`), and a guess was made. */
  readonly looseSection: boolean
  /** `enum bpf_prog_type`; 0 = unknown, to be set by the caller. */
  type: number
  /** `enum bpf_attach_type`. */
  expectedAttachType: number
  /** What follows the slash, `vfs_read`; retarget by assigning. */
  attachTarget: string | undefined
  /** `attachTarget` is a function of a loaded BPF program, given when loading, and not one of the kernel. freplace implies it. */
  attachToProgram?: boolean
  /** `BPF_F_*` of program loading. */
  flags: number
  /** False for sections that begin with `?`. */
  autoLoad: boolean
  /** A failure to load is reported instead of thrown, and the rest goes on. */
  optional: boolean
  /** Program array slot that `SECTION/N` of the old samples asks for. */
  tailCallIndex: number | undefined
  license: string | undefined
  /** Entry of the code in `ObjectSpec.functions`. */
  function: string
}

/** A function's code and its tables, all by slot (8-byte units from the start of the function), sorted. */
export interface FunctionSpec {
  readonly name: string
  readonly section: string
  /** Byte offset in the section. */
  readonly offset: number
  readonly linkage: 'static' | 'global' | 'weak'
  /** ELF visibility hidden or internal: uploaded as static, so that the verifier looks at each call in its context. */
  readonly hidden: boolean
  /** Multiple of 8 bytes, in the object's byte order, exactly as compiled. */
  readonly code: Uint8Array
  readonly references: readonly Reference[]
  readonly coreRelocations: readonly SlotCore[]
  readonly lineInfo: readonly SlotLine[]
  /** FUNC in the object's BTF; 0 = none. */
  readonly typeId: TypeId | 0
  /** `btf_decl_tag`s on the function, e.g. `exception_callback:name`. */
  readonly declTags: readonly string[]
}

/** What an instruction's operand stands for. */
export type Reference = { readonly slot: number } & (
  | { readonly kind: 'map'; readonly map: string }
  /** Address in a data section: `offset` = symbol value + the addend in the instruction. */
  | { readonly kind: 'mapValue'; readonly map: string; readonly offset: number }
  /** A call, or with `address` the ldimm64 of a callback. `offset` in bytes from the function's start. */
  | { readonly kind: 'function'; readonly function: string; readonly offset: number; readonly address: boolean }
  | { readonly kind: 'extern'; readonly extern: string; readonly call: boolean }
  /** Address of a jump table's first entry. */
  | { readonly kind: 'jumpTable'; readonly table: string; readonly offset: number }
)

export interface SlotCore {
  readonly slot: number
  readonly typeId: TypeId
  /** `0:1:2`. */
  readonly access: string
  /** `CoreKind` of `@bpf/btf`. */
  readonly kind: number
}

export interface SlotLine {
  readonly slot: number
  /** String offsets in the object's BTF. */
  readonly fileNameOffset: number
  readonly lineOffset: number
  readonly line: number
  readonly column: number
}

/** A global variable: a window into its map's `contents`. */
export interface VariableSpec {
  readonly name: string
  readonly map: string
  /** Bytes from the start of the section. */
  readonly offset: number
  readonly size: number
  /** Type of the VAR in the object's BTF; 0 = none. */
  readonly typeId: TypeId | 0
  readonly linkage: 'static' | 'global' | 'weak'
  /** ELF visibility hidden or internal: uploaded as static. */
  readonly hidden: boolean
}

/** A symbol of `.jumptables`. */
export interface JumpTableSpec {
  readonly name: string
  /** Bytes from the start of `.jumptables`. */
  readonly offset: number
  /** Jump targets as compiled: bytes from the start of the section of the function that uses the table. */
  readonly entries: readonly bigint[]
}

/** Size of a section and where its symbols are: compilers leave both 0 in BTF. */
export interface DataSectionLayout {
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** Global and weak symbols. */
  readonly symbols: readonly { readonly name: string; readonly offset: number; readonly hidden: boolean }[]
}

export type ExternSpec = {
  readonly name: string
  readonly weak: boolean
  /** VAR or FUNC in the object's BTF; 0 = none. */
  readonly typeId: TypeId | 0
} /** `offset` and `size` in bytes in the `.kconfig` map: laid out by alignment (descending), size, name. */ & (
  | { readonly kind: 'kconfig'; readonly offset: number; readonly size: number }
  | { readonly kind: 'ksymVariable'; readonly typed: boolean }
  | { readonly kind: 'kfunc' }
  /** No kernel can provide it, `reason` says why: programs that refer to it cannot be planned. */
  | { readonly kind: 'undefined'; readonly reason: string; readonly hint: string }
)

export interface StructOpsSpec {
  /** The variable, and the map's name. */
  readonly map: string
  /** STRUCT in the object's BTF. */
  readonly typeId: TypeId
  readonly typeName: string
  /** `.struct_ops.link`. */
  readonly link: boolean
  /** Initial bytes of the struct as compiled. */
  readonly contents: Uint8Array
  /** Function-pointer members that are set. */
  readonly programs: readonly { readonly member: string; readonly memberIndex: number; readonly program: string }[]
}
