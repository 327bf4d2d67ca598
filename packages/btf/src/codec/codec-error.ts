import { BpfError } from '@bpf/bytes'

/** A type that no value can be of: a function, a forward declaration, a struct that contains itself. */
export class CodecError extends BpfError {
  override readonly name = 'CodecError'
  readonly typeId: number

  constructor(message: string, typeId: number) {
    super('ERR_BPF_CODEC', message)
    this.typeId = typeId
  }
}

/** A value that does not fit its type. */
export class EncodeError extends BpfError {
  override readonly name = 'EncodeError'
  /** Where in the value: `value.events[2].pid`. */
  readonly path: string

  constructor(path: string, message: string, hint?: string) {
    super('ERR_BPF_ENCODE', `${path}: ${message}`, { hint })
    this.path = path
  }
}
