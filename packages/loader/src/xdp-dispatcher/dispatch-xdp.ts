import {
  attachXdp,
  attachXdpDispatched,
  type DispatchedTarget,
  encodeDispatcherConfig,
  type Link,
  maxDispatched,
  readRunConfig,
} from '@bpf/attach'
import { cloneSpec, getProgram, ProgFlag, ProgType } from '@bpf/object'
import { Errno, isSyscallError, type OwnedFd } from '@bpf/sys'
import type { LoadOptions } from '../load-options'
import type { LoadedObject } from '../loaded-object'
import { BpfObject } from '../open'
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
  const frags = (getProgram(spec, program).flags & ProgFlag.XdpHasFrags) !== 0
  const load = dispatcherLoader(context)
  // Any dispatcher will do to load against: it is attached to the slot of another one.
  using stub = load(encodeDispatcherConfig({ slots: emptySlots, frags: false }), { frags: false })
  const extension = loadExtension(object, program, stub, options)
  if (extension === undefined) {
    const alone = new BpfObject(cloneSpec(spec), context).only(program).load(options)
    return orClose(alone, () => attachXdp(context, alone.program(program), { ...target, interfaces: ['netlink'] }))
  }
  const where = { ...readRunConfig(spec.btf, program), frags, ...target }
  return orClose(extension, () => attachXdpDispatched(context, extension.program(program), where, load))
}

const emptySlots = Array.from({ length: maxDispatched }, () => ({ priority: 0, chainCallActions: 0, frags: false }))

/** Loads the program as a replacement of a dispatcher's function; undefined if the kernel does not let code be patched. */
function loadExtension(object: BpfObject, program: string, dispatcher: OwnedFd, options: LoadOptions): LoadedObject | undefined {
  const changed = new BpfObject(cloneSpec(object.spec), object.context).only(program)
  const spec = getProgram(changed.spec, program)
  Object.assign(spec, {
    type: ProgType.Ext,
    expectedAttachType: 0,
    attachTarget: 'prog0',
    flags: spec.flags & ~ProgFlag.XdpHasFrags,
  })
  const programs = { ...options.programs, [program]: { ...options.programs?.[program], targetProgram: dispatcher.fd } }
  try {
    return changed.load({ ...options, programs })
  } catch (error) {
    if (cannotPatch(error)) return undefined
    throw error
  }
}

function cannotPatch(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (isSyscallError(cause, Errno.EPERM, Errno.ENOTSUPP, Errno.EOPNOTSUPP)) return true
  }
  return false
}

function orClose(object: LoadedObject, attach: () => Link): DispatchedXdp {
  try {
    const link = attach()
    return {
      object,
      link,
      [Symbol.dispose]() {
        link.close()
        object.close()
      },
    }
  } catch (error) {
    object.close()
    throw error
  }
}
