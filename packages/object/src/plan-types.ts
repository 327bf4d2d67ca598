import type { BpfError } from '@bpf/bytes'

/**
 * Everything that loading will do, as plain data: printable, comparable, made without a kernel. Only file descriptors
 * are missing; `holes` say where each goes.
 */
export interface LoadPlan {
  readonly name: string
  /** The kernel it was made for. */
  readonly target: string
  readonly littleEndian: boolean
  /** BTF to upload; undefined when the object has none or the target takes none. */
  readonly btf: Uint8Array | undefined
  /** What sanitising for the target changed, one line each. */
  readonly btfChanges: readonly string[]
  /** Nothing works without BTF (struct_ops): an upload failure is fatal. */
  readonly btfRequired: boolean
  /** In creation order: inner maps before what holds them. */
  readonly maps: readonly MapPlan[]
  /** In load order. Those that cannot be planned carry `error` instead of code. */
  readonly programs: readonly (ProgramPlan | FailedProgram)[]
  /** After all programs are loaded. */
  readonly structOps: readonly StructOpsPlan[]
  /** What a reader should know: unknown kinds, skipped externs, guesses. */
  readonly warnings: readonly string[]
}

export interface MapPlan {
  /** What references and the API use. */
  readonly name: string
  /** At most 15 bytes. */
  readonly kernelName: string
  readonly type: number
  readonly keySize: number
  readonly valueSize: number
  readonly maxEntries: number
  readonly flags: number
  readonly mapExtra: bigint
  readonly numaNode: number
  readonly ifindex: number
  /** In the uploaded BTF; 0 = none. */
  readonly keyTypeId: number
  readonly valueTypeId: number
  /** In vmlinux or module BTF: struct_ops maps. */
  readonly vmlinuxValueType: { readonly typeId: number; readonly module: string | undefined } | undefined
  /** Template to create, use and close. */
  readonly inner: MapPlan | undefined
  readonly pinning: 'none' | 'byName' | number
  readonly pinPath: string | undefined
  /** Written to key 0 after creation; of an arena, copied into its mapping at `contentsOffset`. */
  readonly contents: Uint8Array | undefined
  /** Bytes; 0 but for arenas. */
  readonly contentsOffset: number
  /** Written to keys 0…n-1 after creation, `valueSize` bytes each: jump tables. */
  readonly entries: Uint8Array | undefined
  /** BPF_MAP_FREEZE after `contents`. */
  readonly freeze: boolean
  /** Filled after programs are loaded. */
  readonly slots: readonly { readonly index: number; readonly kind: 'map' | 'program'; readonly name: string }[]
}

export interface ProgramPlan {
  readonly error?: undefined
  readonly name: string
  readonly section: string
  readonly type: number
  readonly expectedAttachType: number
  readonly flags: number
  readonly license: string
  readonly kernelVersion: number
  readonly optional: boolean
  /** Final instructions, target byte order; file descriptors are 0 where `holes` says so. */
  readonly code: Uint8Array
  readonly holes: readonly FdHole[]
  /** Whose BTF `attachBtfId` is in: undefined = vmlinux. 0 = no BTF target. */
  readonly attachBtfId: number
  readonly attachBtfModule: string | undefined
  /** Name of what `attachBtfId` stands for, or what the section names. */
  readonly attachTarget: string | undefined
  /** freplace: the loaded program to replace a function of must be given at load time. */
  readonly needsTargetProgram: boolean
  /** Modules whose BTF descriptors go to fd_array[1…]; slot 0 stays empty. */
  readonly kfuncModules: readonly string[]
  /** Maps to BPF_PROG_BIND_MAP afterwards (read-only data), best effort. */
  readonly bindMaps: readonly string[]
  /** `struct bpf_func_info` records, 8 bytes each; empty without BTF. */
  readonly funcInfo: Uint8Array
  /** `struct bpf_line_info` records, 16 bytes each. */
  readonly lineInfo: Uint8Array
  /** Where each linked function begins, main program first. */
  readonly functions: readonly { readonly name: string; readonly slot: number }[]
  /** Source of each slot range, for messages. */
  readonly source: readonly {
    readonly slot: number
    readonly file: string
    readonly line: number
    readonly column: number
    readonly text: string
  }[]
  /** What CO-RE decided, one entry a record. */
  readonly core: readonly CoreDecision[]
  /** Instructions that were made unreachable-or-rejected on purpose; the verifier's complaint maps back through them. */
  readonly poisoned: readonly Poison[]
}

export interface FailedProgram {
  readonly name: string
  readonly section: string
  readonly optional: boolean
  readonly error: BpfError
}

/** A descriptor to write into `imm` of the ldimm64 at `slot` (target byte order). */
export type FdHole = { readonly slot: number } & (
  | { readonly kind: 'map'; readonly map: string }
  /** Second half already holds the offset. */
  | { readonly kind: 'mapValue'; readonly map: string }
  /** imm of the second slot takes the module's BTF descriptor. */
  | { readonly kind: 'moduleBtf'; readonly module: string }
)

export interface CoreDecision {
  readonly slot: number
  /** `CoreKind`. */
  readonly kind: number
  /** `struct task_struct.pid` in C terms. */
  readonly path: string
  /** `0:1:2`. */
  readonly access: string
  /** Types of that name in the target, with what became of each. */
  readonly candidates: readonly {
    readonly name: string
    readonly typeId: number
    readonly module: string | undefined
    readonly mismatch: string | undefined
  }[]
  /** Value before and after; `after` undefined = poisoned. */
  readonly before: bigint
  readonly after: bigint | undefined
}

export type Poison = { readonly slot: number /** Helper id written there. */; readonly imm: number; readonly explanation: string } & (
  | { readonly kind: 'core'; readonly path: string }
  | { readonly kind: 'map'; readonly map: string }
  | { readonly kind: 'kfunc'; readonly name: string }
)

export interface StructOpsPlan {
  readonly map: string
  readonly link: boolean
  /** Kernel layout of the value; program descriptors are 0. */
  readonly value: Uint8Array
  /** Byte offset in `value` of an 8-byte slot that takes the program's descriptor. */
  readonly programs: readonly { readonly offset: number; readonly program: string }[]
}
