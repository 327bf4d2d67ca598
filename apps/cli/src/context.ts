import { BpfError } from '@bpf/bytes'
import { type Kernel, type KernelOptions, openKernel } from '@bpf/kernel'
import { createSys, Errno, isSyscallError, type Sys } from '@bpf/sys'
import type { Io } from '@bpf/terminal'

/** What commands about things in the kernel work with. */
export interface KernelContext {
  readonly sys: Sys
  readonly kernel: Kernel
}

/** The kernel of commands that have `--btf FILE`. */
export function kernelWithBtf(btf: string | undefined, io: Io): KernelOptions {
  return btf === undefined ? {} : { btf: io.resolvePath(btf) }
}

/** Runs a command that works with the kernel. What this user may not do ends with exit code 4. @throws BpfError */
export async function withKernel<T>(run: (context: KernelContext) => T | Promise<T>, options: KernelOptions = {}): Promise<T> {
  const sys = createSys()
  try {
    return await run({ sys, kernel: openKernel(sys, options) })
  } catch (error) {
    if (!isSyscallError(error, Errno.EPERM)) throw error
    const { operation, syscall, hint } = error
    const message = `this user may not do that: the kernel refused ${operation ?? syscall}`
    throw new BpfError('ERR_BPF_PERMISSION', message, { hint: hint ?? 'run the same command as root, e.g. with sudo' })
  }
}
