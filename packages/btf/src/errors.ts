import { BpfError } from '@bpf/bytes'

/** Codes of `BtfError`. */
export type BtfErrorCode =
  /** The bytes are not BTF, or are damaged. */
  | 'ERR_BPF_BTF_INVALID'
  /** A kind this reader does not know, in BTF without a layout table to skip it by. */
  | 'ERR_BPF_BTF_NEWER'
  /** No type of that id. */
  | 'ERR_BPF_BTF_NO_TYPE'
  /** A chain of references that loops or is too deep. */
  | 'ERR_BPF_BTF_CYCLE'
  /** The type has no size (void, functions, forward declarations), or one beyond 32 bits. */
  | 'ERR_BPF_BTF_NO_SIZE'
  /** No member of that name or at that place. */
  | 'ERR_BPF_BTF_NO_MEMBER'
  /** The base is not one that split BTF can be put on. */
  | 'ERR_BPF_BTF_BASE'

export interface BtfErrorFields {
  readonly code?: BtfErrorCode
  /** What was read, e.g. `section .BTF`. */
  readonly context?: string | undefined
  /** Byte offset within `context`, where the cause has one. */
  readonly offset?: number
  readonly typeId?: number
  readonly hint?: string
  readonly cause?: unknown
}

/** BTF or BTF.ext that cannot be read, or a question that its types do not answer. */
export class BtfError extends BpfError {
  override readonly name = 'BtfError'
  readonly context: string | undefined
  readonly offset: number | undefined
  readonly typeId: number | undefined

  constructor(message: string, fields: BtfErrorFields = {}) {
    const { code = 'ERR_BPF_BTF_INVALID', context, offset, typeId, hint, cause } = fields
    const where = offset === undefined ? '' : ` at 0x${offset.toString(16)}`
    super(code, `${context === undefined ? '' : `${context}: `}${message}${where}`, { hint, cause })
    this.context = context
    this.offset = offset
    this.typeId = typeId
  }
}
