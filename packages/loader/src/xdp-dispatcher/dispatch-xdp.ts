import { attachXdp, attachXdpDispatched, type DispatchedTarget, type Link, readRunConfig } from '@bpf/attach'
import { cloneSpec } from '@bpf/object'
import { orClose } from '@bpf/sys'
import type { LoadOptions } from '../load-options'
import type { LoadedObject } from '../loaded-object'
import { BpfObject } from '../open'
import { against, extensionSpec, hasFrags, loadStub, unlessUnpatchable } from './extension'
import { dispatcherLoader } from './load-dispatcher'

/** An XDP program that runs among others, and the object it is of. Both are the caller's to close, the link first. */
export interface DispatchedXdp extends Disposable {
  readonly object: LoadedObject
  /** `interface` is `dispatcher`; `netlink` where the kernel has no freplace and the program is the only one. */
  readonly link: Link
}

/**
 * Loads one XDP program of an object and lets it run among others on an interface, as `xdp-loader load` does: by priority, one
 * after the other as long as their results say so. Both come from the target, else from the object's `.xdp_run_config`.
 *
 * A kernel that cannot replace functions (before 5.10, or one that lets no code be patched) runs it alone, and refuses
 * it where another program is; `xdp-loader` does the same.
 *
 * @throws AttachError, LoadError, VerifierError, ObjectError
 */
export function dispatchXdp(object: BpfObject, program: string, target: DispatchedTarget, options: LoadOptions = {}): DispatchedXdp {
  const { context, spec } = object
  using stub = loadStub(context)
  const extension = unlessUnpatchable(() =>
    new BpfObject(extensionSpec(spec, program), context).only(program).load({ ...options, ...against(stub, program, options) }),
  )
  if (extension === undefined) {
    const alone = new BpfObject(cloneSpec(spec), context).only(program).load(options)
    const link = orClose(alone, () => attachXdp(context, alone.program(program), { ...target, interfaces: ['netlink'] }))
    return dispatched(alone, link)
  }
  const where = { ...readRunConfig(spec.btf, program), frags: hasFrags(spec, program), ...target }
  const attach = () => attachXdpDispatched(context, extension.program(program), where, dispatcherLoader(context))
  return dispatched(extension, orClose(extension, attach))
}

function dispatched(object: LoadedObject, link: Link): DispatchedXdp {
  return {
    object,
    link,
    [Symbol.dispose]() {
      link.close()
      object.close()
    },
  }
}
