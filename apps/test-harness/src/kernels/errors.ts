import { BpfError } from '@bpf/bytes'

/** A kernel cannot be had, or is not what it should be. */
export class KernelImageError extends BpfError {
  override readonly name = 'KernelImageError'

  constructor(message: string, options: { readonly hint?: string; readonly cause?: unknown } = {}) {
    super('ERR_BPF_KERNEL_IMAGE', message, options)
  }
}
