import { BpfError } from '@bpf/bytes'

/** The command line itself is wrong. */
export class UsageError extends BpfError {
  override readonly name = 'UsageError'

  constructor(message: string, hint?: string) {
    super('ERR_BPF_USAGE', message, { hint })
  }
}
