/**
 * BTF types as plain data, one variant a kind (Documentation/bpf/btf.rst). Built on request from the lazy index:
 * a type refers to others by id, never by object.
 */

declare const typeIdBrand: unique symbol
/** A BTF type id; 0 is void. In split BTF, ids go on where the base's end. */
export type TypeId = number & { readonly [typeIdBrand]: true }

/** BTF kinds with the kernel's numbers (include/uapi/linux/btf.h). */
export const BtfKind = {
  Void: 0,
  Int: 1,
  Ptr: 2,
  Array: 3,
  Struct: 4,
  Union: 5,
  Enum: 6,
  Fwd: 7,
  Typedef: 8,
  Volatile: 9,
  Const: 10,
  Restrict: 11,
  Func: 12,
  FuncProto: 13,
  Var: 14,
  Datasec: 15,
  Float: 16,
  DeclTag: 17,
  TypeTag: 18,
  Enum64: 19,
} as const
export type BtfKind = (typeof BtfKind)[keyof typeof BtfKind]

interface Named {
  readonly id: TypeId
  /** Empty for anonymous types. */
  readonly name: string
}

export interface VoidType {
  readonly kind: 'void'
  readonly id: TypeId
  readonly name: ''
}

export interface IntType extends Named {
  readonly kind: 'int'
  /** Size in bytes. */
  readonly size: number
  readonly encoding: { readonly signed: boolean; readonly char: boolean; readonly bool: boolean }
  /** Offset in bits within `size`; non-zero only in objects of old compilers. */
  readonly bitOffset: number
  /** Width in bits. */
  readonly bits: number
}

export interface PtrType extends Named {
  readonly kind: 'ptr'
  readonly type: TypeId
}

export interface ArrayType extends Named {
  readonly kind: 'array'
  readonly type: TypeId
  readonly indexType: TypeId
  readonly length: number
}

export interface Member {
  readonly name: string
  readonly type: TypeId
  /** From the start of the struct, in bits. */
  readonly bitOffset: number
  /** Width of a bitfield in bits; 0 when the member is none (or, in old objects, when the int type itself carries it). */
  readonly bitSize: number
}

export interface CompositeType extends Named {
  readonly kind: 'struct' | 'union'
  /** Size in bytes. */
  readonly size: number
  readonly members: readonly Member[]
}

export interface EnumType extends Named {
  readonly kind: 'enum' | 'enum64'
  /** Size in bytes. */
  readonly size: number
  readonly signed: boolean
  readonly values: readonly { readonly name: string; readonly value: bigint }[]
}

export interface FwdType extends Named {
  readonly kind: 'fwd'
  readonly of: 'struct' | 'union'
}

export interface ModifierType extends Named {
  readonly kind: 'typedef' | 'volatile' | 'const' | 'restrict' | 'typeTag'
  readonly type: TypeId
  /** Type tags only: the tag is a general attribute (kind_flag set), not a `btf_type_tag`. */
  readonly attribute?: boolean
}

export interface FuncType extends Named {
  readonly kind: 'func'
  /** Its FUNC_PROTO. */
  readonly type: TypeId
  readonly linkage: 'static' | 'global' | 'extern'
}

export interface FuncProtoType extends Named {
  readonly kind: 'funcProto'
  readonly returnType: TypeId
  /** A last parameter without name and of type void means varargs. */
  readonly params: readonly { readonly name: string; readonly type: TypeId }[]
}

export interface VarType extends Named {
  readonly kind: 'var'
  readonly type: TypeId
  readonly linkage: 'static' | 'global' | 'extern'
}

export interface DatasecType extends Named {
  readonly kind: 'datasec'
  /** Size in bytes; compilers leave 0 and loaders fill it in. */
  readonly size: number
  readonly variables: readonly { readonly type: TypeId; readonly offset: number; readonly size: number }[]
}

export interface FloatType extends Named {
  readonly kind: 'float'
  readonly size: number
}

export interface DeclTagType extends Named {
  readonly kind: 'declTag'
  /** What is tagged. */
  readonly type: TypeId
  /** The tagged member or parameter; -1 for the type itself. */
  readonly componentIndex: number
  readonly attribute?: boolean
}

/** A kind newer than this reader, skipped by the layout table of the 2026 header. */
export interface UnknownType extends Named {
  readonly kind: 'unknown'
  readonly rawKind: number
}

export type BtfType =
  | VoidType
  | IntType
  | PtrType
  | ArrayType
  | CompositeType
  | EnumType
  | FwdType
  | ModifierType
  | FuncType
  | FuncProtoType
  | VarType
  | DatasecType
  | FloatType
  | DeclTagType
  | UnknownType

/** The variant of `BtfType` of one kind, its `kind` narrowed to that. */
export type BtfTypeOf<K extends BtfType['kind']> = Narrowed<BtfType, K>
type Narrowed<T extends BtfType, K> = T extends unknown ? (K extends T['kind'] ? T & { readonly kind: K } : never) : never

/** The strings of a blob and, below `start`, of its base. */
export interface BtfStrings {
  /** Offset of this blob's first string: 0, or the `end` of the base. */
  readonly start: number
  /** One past the last offset; the strings of BTF split off this one go on from here. */
  readonly end: number
  /** @throws BtfError */
  get(offset: number): string
  /** Without the NUL; shared with the input. @throws BtfError */
  bytes(offset: number): Uint8Array
}

/**
 * A parsed BTF blob. It owns its caches and can be shared between any number of readers. `bytes` are never changed.
 *
 * Look-ups in split BTF search the split part and its base.
 */
export interface Btf {
  readonly bytes: Uint8Array
  readonly littleEndian: boolean
  readonly base: Btf | undefined
  readonly strings: BtfStrings
  /** Size in bytes of a pointer, told by the size of `long`; 8 where there is no `long`. */
  readonly pointerSize: 4 | 8
  /** First id of this blob: 1, or the end of the base. */
  readonly startId: number
  /** One past the last id. */
  readonly endId: number
  /** @throws BtfError if there is no such id, or the record is malformed. */
  type(id: number): BtfType
  /** The raw kind number without building the type. */
  kindOf(id: number): number
  /** The name without building the type. */
  nameOf(id: number): string
  /** Ids of all types of that name, base first, in id order; `kinds` narrows. */
  idsByName(name: string, ...kinds: BtfType['kind'][]): readonly TypeId[]
  /** Ids of all types whose name up to the last `___` is `essential`, this blob's only when `ownOnly`. */
  idsByEssentialName(essential: string, options?: { readonly ownOnly?: boolean }): readonly TypeId[]
  /** The first type of that name and kind. */
  find<K extends BtfType['kind']>(name: string, kind: K): BtfTypeOf<K> | undefined
  /** A string of the string section. @throws BtfError */
  string(offset: number): string
}

/** One record of `.BTF.ext`, its instruction offset in bytes from the start of the section. */
export interface FuncInfo {
  readonly offset: number
  readonly typeId: TypeId
}

export interface LineInfo {
  readonly offset: number
  readonly fileNameOffset: number
  /** String offset of the source line's text. */
  readonly lineOffset: number
  readonly line: number
  readonly column: number
}

export interface CoreRecord {
  readonly offset: number
  readonly typeId: TypeId
  /** `0:1:2`. */
  readonly access: string
  /** `CoreKind`. */
  readonly kind: number
}

/** `.BTF.ext`, by ELF section name. */
export interface BtfExt {
  readonly funcInfo: ReadonlyMap<string, readonly FuncInfo[]>
  readonly lineInfo: ReadonlyMap<string, readonly LineInfo[]>
  readonly coreRelocations: ReadonlyMap<string, readonly CoreRecord[]>
}

/** `enum bpf_core_relo_kind` (include/uapi/linux/bpf.h). */
export const CoreKind = {
  FieldByteOffset: 0,
  FieldByteSize: 1,
  FieldExists: 2,
  FieldSigned: 3,
  FieldLshiftU64: 4,
  FieldRshiftU64: 5,
  TypeIdLocal: 6,
  TypeIdTarget: 7,
  TypeExists: 8,
  TypeSize: 9,
  EnumvalExists: 10,
  EnumvalValue: 11,
  TypeMatches: 12,
} as const
export type CoreKind = (typeof CoreKind)[keyof typeof CoreKind]
