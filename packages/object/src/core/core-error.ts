import { BpfError } from '@bpf/bytes'

/** What a CO-RE record asked for, as far as it is known when something goes wrong. */
export interface CoreErrorFields {
  /** `struct task_struct.pid`; the type alone when the access string cannot be read. */
  readonly path: string
  /** `0:1:2`. */
  readonly access: string
  /** `CoreKind`. */
  readonly kind: number
  /** Types of the target that matched, when they contradict each other. */
  readonly candidates?: readonly string[] | undefined
}

export type CoreErrorCode =
  /** The record itself is malformed, or asks for something that has no answer. */
  | 'ERR_BPF_CORE_RECORD'
  /** Several types of the target match and disagree. */
  | 'ERR_BPF_CORE_AMBIGUOUS'
  /** The instruction is not what the record says it is, or cannot hold the new value. */
  | 'ERR_BPF_CORE_INSTRUCTION'
  /** Types nested too deeply to be compared: no compiler's output. */
  | 'ERR_BPF_CORE_TYPE'
  /** The target has no BTF. */
  | 'ERR_BPF_CORE_NO_BTF'

/** A CO-RE relocation that cannot be decided or applied. A field that the target lacks is no error: it poisons. */
export class CoreError extends BpfError {
  override readonly name = 'CoreError'
  readonly path: string
  readonly access: string
  readonly kind: number
  readonly candidates: readonly string[]

  constructor(code: CoreErrorCode, cause: string, fields: CoreErrorFields, hint?: string) {
    super(code, `CO-RE relocation of ${fields.path} (${kindName(fields.kind)}, access ${fields.access}): ${cause}`, { hint })
    this.path = fields.path
    this.access = fields.access
    this.kind = fields.kind
    this.candidates = fields.candidates ?? []
  }
}

const kindNames = [
  'field byte offset',
  'field byte size',
  'field exists',
  'field signedness',
  'bitfield left shift',
  'bitfield right shift',
  'local type id',
  'target type id',
  'type exists',
  'type size',
  'enumerator exists',
  'enumerator value',
  'type matches',
] as const

/** `field byte offset`: what a `CoreKind` asks for, in words. */
export function kindName(kind: number): string {
  return kindNames[kind] ?? `unknown kind ${kind}`
}
