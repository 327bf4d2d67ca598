import { BpfError } from '@bpf/bytes'
import { type Kernel, openKernel } from '@bpf/kernel'
import { createSys, Errno, isSyscallError, type Sys } from '@bpf/sys'

/** What commands about things in the kernel work with. */
export interface KernelContext {
  readonly sys: Sys
  readonly kernel: Kernel
}

/** Runs a command that works with the kernel. What this user may not do ends with exit code 4. @throws BpfError */
export async function withKernel<T>(run: (context: KernelContext) => T | Promise<T>): Promise<T> {
  const sys = createSys()
  try {
    return await run({ sys, kernel: openKernel(sys) })
  } catch (error) {
    if (!isSyscallError(error, Errno.EPERM)) throw error
    const { operation, syscall, hint } = error
    const message = `this user may not do that: the kernel refused ${operation ?? syscall}`
    throw new BpfError('ERR_BPF_PERMISSION', message, { hint: hint ?? 'run the same command as root, e.g. with sudo' })
  }
}
