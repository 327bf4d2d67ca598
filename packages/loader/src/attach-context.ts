import { type AttachContext, UsdtSpecs } from '@bpf/attach'
import type { Fd } from '@bpf/sys'
import type { Context } from './context'

/** Where libbpf's usdt.bpf.h has programs look up the arguments of USDT probes. */
const usdtMaps = { specs: '__bpf_usdt_specs', addresses: '__bpf_usdt_ip_to_spec_id' } as const

export interface AttachContextOptions {
  readonly mapFd: (name: string) => Fd | undefined
  /** Its maps were found among pins: an earlier process filled them. */
  readonly takenOver?: boolean | undefined
}

/** That of an object's programs. `dispatch` is the loaded object's to give, which alone can load a program once more. */
export interface ObjectAttachContext extends AttachContext {
  dispatch: AttachContext['dispatch']
}

/** What attaching the programs of one object takes: one for all of them, since they share its maps. */
export function attachContextOf({ sys, kernel, runDirectory }: Context, { mapFd, takenOver }: AttachContextOptions): ObjectAttachContext {
  let usdt: UsdtSpecs | undefined
  const named = (name: string) => {
    const fd = mapFd(name)
    return fd === undefined ? undefined : { name, fd }
  }
  return {
    sys,
    kernel,
    runDirectory,
    map: named,
    dispatch: undefined,
    /** Made when a probe is first attached. */
    get usdt() {
      const specs = named(usdtMaps.specs)
      if (specs !== undefined) usdt ??= new UsdtSpecs(sys, { specs, addresses: named(usdtMaps.addresses), inUse: takenOver })
      return usdt
    },
  }
}
