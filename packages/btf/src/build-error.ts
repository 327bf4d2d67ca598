import { BpfError } from '@bpf/bytes'

/** A type that BTF cannot express: a number too large for its field, too many members, a name with a NUL. */
export class BtfBuildError extends BpfError {
  override readonly name = 'BtfBuildError'
  /** Id of the type, where it has one yet. */
  readonly typeId: number | undefined

  constructor(message: string, typeId?: number) {
    super('ERR_BPF_BTF_BUILD', typeId === undefined ? `BTF: ${message}` : `BTF type ${typeId}: ${message}`)
    this.typeId = typeId
  }
}
