import { getResourceLimit, isSyscallError, ResourceLimit, setResourceLimit, unlimited } from '@bpf/sys'
import type { Context } from '../context'

/** Since this kernel memory counts for the cgroup. KERNEL_VERSION. */
const linux5_11 = 0x050b00

/**
 * Kernels before 5.11 charge maps and programs to RLIMIT_MEMLOCK, which is small. Raises it there, and only there. Without
 * the right to, loading may still succeed; if not, the error says what is missing.
 */
export function raiseLockedMemory({ sys, kernel }: Context): void {
  // Where the limit leaves no room for a single program, no probe can tell.
  if (kernel.has('memcgAccounting') ?? kernel.kernelVersion >= linux5_11) return
  try {
    if (getResourceLimit(sys, ResourceLimit.Memlock).soft === unlimited) return
    setResourceLimit(sys, ResourceLimit.Memlock, { soft: unlimited, hard: unlimited })
  } catch (error) {
    if (!isSyscallError(error)) throw error
  }
}
