import { type Kernel, type KernelOptions, openKernel } from '@bpf/kernel'
import { createSys, type Sys, type SysOptions } from '@bpf/sys'

/**
 * What every load needs of the running system: system calls and kernel facts. Its caches (the kernel's BTF above all) are
 * shared by all objects that are opened with it, and go when it goes; there is no other state.
 */
export interface Context {
  readonly sys: Sys
  readonly kernel: Kernel
  /** Where attachments that outlive a process are noted, to be found when it was killed; `/run/bpf-ts` unless given. */
  readonly runDirectory?: string | undefined
}

export interface ContextOptions extends SysOptions, Pick<Context, 'runDirectory'> {
  readonly kernel?: KernelOptions
}

export function createContext({ kernel, runDirectory, ...sysOptions }: ContextOptions = {}): Context {
  const sys = createSys(sysOptions)
  return { sys, kernel: openKernel(sys, kernel), runDirectory }
}
