import { BpfError } from '@bpf/bytes'

/** A fact about the kernel that is needed and cannot be found. */
export class KernelFactError extends BpfError {
  override readonly name = 'KernelFactError'
  /** What was looked for: `possible CPUs`. */
  readonly fact: string

  constructor(fact: string, message: string, hint?: string) {
    super('ERR_BPF_KERNEL_FACT', `${fact}: ${message}`, { hint })
    this.fact = fact
  }
}
