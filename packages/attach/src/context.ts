import type { Kernel } from '@bpf/kernel'
import type { Sys } from '@bpf/sys'
import type { AttachableProgram, Link } from './link/link'
import type { UsdtSpecs } from './usdt/specs'
import type { LoadDispatcher } from './xdp-dispatcher/dispatcher'
import type { DispatchedTarget } from './xdp-dispatcher/xdp-dispatched'

/** A map that a target may name. Its descriptor stays its owner's. */
export interface NamedMap {
  readonly name: string
  readonly fd: number
}

/** What every backend needs of the running system. */
export interface AttachContext {
  readonly sys: Sys
  readonly kernel: Kernel
  /** Where the programs of one object look up the arguments of USDT probes; absent if it has no such maps. */
  readonly usdt?: UsdtSpecs | undefined
  /** Maps of the programs' object, for targets that are texts. */
  readonly map?: ((name: string) => NamedMap | undefined) | undefined
  /** Makes XDP dispatchers, to take left over programs out of them; `@bpf/loader` brings one along. */
  readonly loadDispatcher?: LoadDispatcher | undefined
  /** Runs an XDP program of the object among others on an interface: it must be loaded once more for that. */
  readonly dispatch?: ((program: AttachableProgram, target: DispatchedTarget) => Link) | undefined
  /** Where attachments that outlive a process are noted, to be found when it was killed; `/run/bpf-ts` unless given. */
  readonly runDirectory?: string | undefined
}
