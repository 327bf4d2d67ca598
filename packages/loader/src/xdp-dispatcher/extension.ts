import { encodeDispatcherConfig, maxDispatched } from '@bpf/attach'
import { cloneSpec, getProgram, type ObjectSpec, ProgFlag, ProgType } from '@bpf/object'
import { Errno, isSyscallError, type OwnedFd } from '@bpf/sys'
import type { Context } from '../context'
import type { LoadOptions } from '../load-options'
import { dispatcherLoader } from './load-dispatcher'

/** The object with one XDP program made for a dispatcher: to replace its function `prog0`. */
export function extensionSpec(spec: ObjectSpec, program: string): ObjectSpec {
  const changed = cloneSpec(spec)
  const extension = getProgram(changed, program)
  const flags = extension.flags & ~ProgFlag.XdpHasFrags
  Object.assign(extension, { type: ProgType.Ext, expectedAttachType: 0, attachTarget: 'prog0', flags })
  return changed
}

/** Whether a program takes packets of several fragments. */
export function hasFrags(spec: ObjectSpec, program: string): boolean {
  return (getProgram(spec, program).flags & ProgFlag.XdpHasFrags) !== 0
}

const emptySlots = Array.from({ length: maxDispatched }, () => ({ priority: 0, chainCallActions: 0, frags: false }))

/** A dispatcher to load extensions against. Any will do: they are attached to the slot of another one. The caller owns it. */
export function loadStub(context: Context): OwnedFd {
  return dispatcherLoader(context)(encodeDispatcherConfig({ slots: emptySlots, frags: false }), { frags: false })
}

/** `options` with the dispatcher that `program` is loaded against. */
export function against(
  dispatcher: OwnedFd,
  program: string,
  { programs }: Pick<LoadOptions, 'programs'>,
): Required<Pick<LoadOptions, 'programs'>> {
  return { programs: { ...programs, [program]: { ...programs?.[program], targetProgram: dispatcher.fd } } }
}

/** What `load` gives; undefined if the kernel does not let code be patched, so that nothing can run behind a dispatcher. */
export function unlessUnpatchable<T>(load: () => T): T | undefined {
  try {
    return load()
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
