import { BpfError } from '@bpf/bytes'

/** An .xz stream that contradicts itself, or is made in a way that is not read. */
export class XzError extends BpfError {
  override readonly name = 'XzError'

  constructor(problem: string) {
    super('ERR_BPF_XZ', problem)
  }
}
