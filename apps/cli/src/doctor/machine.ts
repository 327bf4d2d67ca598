import type { Leftover } from '@bpf/attach'
import { BpfError } from '@bpf/bytes'
import { type Mount, parseMounts, type Rights, type Settings } from '@bpf/kernel'
import { createContext, findLeftovers } from '@bpf/loader'
import { getResourceLimit, type Limit, MapType, ProgType, ResourceLimit } from '@bpf/sys'

/** Facts about the kernel and this process that decide what BPF can do here. */
export interface Machine {
  readonly release: string
  readonly rights: Rights
  readonly settings: Settings
  readonly mounts: readonly Mount[]
  /** Where tracefs is; undefined when it is not mounted. */
  readonly tracefs: string | undefined
  /** Types of the kernel; a text says why there are none. */
  readonly btf: { readonly path: string | undefined; readonly types: number } | string
  readonly modulesWithBtf: number
  readonly kconfigSource: string | undefined
  /** Whether a map can be created and a program loaded, by doing it; undefined where this process may not. */
  readonly trial: { readonly map: boolean | undefined; readonly program: boolean | undefined }
  /** Memory of maps and programs is accounted to the cgroup (5.11): RLIMIT_MEMLOCK no longer matters. */
  readonly memcgAccounting: boolean | undefined
  readonly memlock: Limit
  readonly token: boolean | undefined
  /** A text says why they could not be looked for. */
  readonly leftovers: readonly Leftover[] | string
}

/** Reads everything at once. Nothing stays loaded. */
export function readMachine(): Machine {
  const context = createContext({ kernel: { onWarning: () => {} } })
  const { sys, kernel } = context
  const rights = kernel.rights()
  return {
    release: kernel.release,
    rights,
    settings: kernel.settings(),
    mounts: parseMounts(kernel.files.text('/proc/self/mountinfo') ?? ''),
    tracefs: kernel.tracefs(),
    btf: orReason(() => {
      const btf = kernel.vmlinuxBtf()
      return btf === undefined ? 'none in /sys/kernel/btf and beside the kernel image' : { path: kernel.btfPath, types: btf.endId - 1 }
    }),
    modulesWithBtf: kernel.moduleNames().length,
    kconfigSource: kernel.kconfigSource()?.source,
    trial: { map: kernel.features.mapType(MapType.Array), program: kernel.features.programType(ProgType.SocketFilter) },
    memcgAccounting: kernel.has('memcgAccounting'),
    memlock: getResourceLimit(sys, ResourceLimit.Memlock),
    token: kernel.has('token'),
    leftovers: rights.missing.includes('CAP_SYS_ADMIN') ? 'that takes CAP_SYS_ADMIN' : orReason(() => findLeftovers(context)),
  }
}

function orReason<T>(read: () => T): T | string {
  try {
    return read()
  } catch (error) {
    if (error instanceof BpfError) return error.message
    throw error
  }
}
