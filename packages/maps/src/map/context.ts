import type { Kernel } from '@bpf/kernel'
import type { Sys } from '@bpf/sys'

/** What handles need of the running system: system calls, and facts such as the number of CPUs. Share one. */
export interface MapContext {
  readonly sys: Sys
  readonly kernel: Kernel
}
