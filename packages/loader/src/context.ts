import { type Kernel, type KernelOptions, openKernel } from '@bpf/kernel'
import { createSys, type Sys, type SysOptions } from '@bpf/sys'

/**
 * What every load needs of the running system: system calls and kernel facts. Its caches (the kernel's BTF above all) are
 * shared by all objects that are opened with it, and go when it goes; there is no other state.
 */
export interface Context {
  readonly sys: Sys
  readonly kernel: Kernel
}

export interface ContextOptions extends SysOptions {
  readonly kernel?: KernelOptions
}

export function createContext({ kernel, ...sysOptions }: ContextOptions = {}): Context {
  const sys = createSys(sysOptions)
  return { sys, kernel: openKernel(sys, kernel) }
}
