import { BpfError, type BpfErrorOptions } from '@bpf/bytes'

/** Codes of `ObjectError`. */
export type ObjectErrorCode =
  /** ELF, but no relocatable BPF object. */
  | 'ERR_BPF_OBJECT_NOT_BPF'
  /** No symbol table. */
  | 'ERR_BPF_OBJECT_STRIPPED'
  | 'ERR_BPF_OBJECT_LICENSE'
  | 'ERR_BPF_OBJECT_VERSION'
  /** Maps, externs or struct_ops are declared whose meaning is only in BTF, and there is none or it is damaged. */
  | 'ERR_BPF_OBJECT_BTF_REQUIRED'
  /** A function that crosses its section, overlaps another, or has an impossible size. */
  | 'ERR_BPF_OBJECT_FUNCTION'
  | 'ERR_BPF_OBJECT_RELOCATION'
  | 'ERR_BPF_OBJECT_MAP'
  /** An attribute of a BTF-defined map that is unknown, malformed or contradicts another. */
  | 'ERR_BPF_OBJECT_MAP_ATTRIBUTE'
  /** A legacy definition with non-zero bytes after the fields that are known: what a kernel would call E2BIG. */
  | 'ERR_BPF_OBJECT_MAP_TOO_BIG'
  /** A value in a map's static initialiser that is no map or program. */
  | 'ERR_BPF_OBJECT_MAP_SLOT'
  | 'ERR_BPF_OBJECT_DATA'
  | 'ERR_BPF_OBJECT_EXTERN'
  | 'ERR_BPF_OBJECT_STRUCT_OPS'
  | 'ERR_BPF_OBJECT_ARENA'
  | 'ERR_BPF_OBJECT_JUMP_TABLE'
  /** No map, program or variable of that name. */
  | 'ERR_BPF_OBJECT_NO_SUCH'
  /** A change to a spec that it cannot take. */
  | 'ERR_BPF_OBJECT_EDIT'
  /** Several objects that cannot be linked into one. */
  | 'ERR_BPF_OBJECT_LINK'

export interface ObjectErrorFields extends BpfErrorOptions {
  /** ELF section that was being read. */
  readonly section?: string | undefined
  /** Bytes from the start of the section. */
  readonly offset?: number | undefined
  /** Symbol, map, program or variable to blame. */
  readonly symbol?: string | undefined
}

/** An object that cannot be read, or a change to its spec that makes no sense. */
export class ObjectError extends BpfError {
  override readonly name = 'ObjectError'
  declare readonly code: ObjectErrorCode
  readonly section: string | undefined
  readonly offset: number | undefined
  readonly symbol: string | undefined

  constructor(code: ObjectErrorCode, message: string, fields: ObjectErrorFields = {}) {
    super(code, message, fields)
    this.section = fields.section
    this.offset = fields.offset
    this.symbol = fields.symbol
  }
}

/** `section xdp+0x18`: a place in a section, for messages. */
export function place(section: string, offset: number | bigint): string {
  return `section ${section}+0x${offset.toString(16)}`
}
