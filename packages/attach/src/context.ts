import type { Kernel } from '@bpf/kernel'
import type { Sys } from '@bpf/sys'
import type { UsdtSpecs } from './usdt/specs'

/** What every backend needs of the running system. */
export interface AttachContext {
  readonly sys: Sys
  readonly kernel: Kernel
  /** Where the programs of one object look up the arguments of USDT probes; absent if it has no such maps. */
  readonly usdt?: UsdtSpecs | undefined
  /** Where attachments that outlive a process are noted, to be found when it was killed; `/run/bpf-ts` unless given. */
  readonly runDirectory?: string | undefined
}
