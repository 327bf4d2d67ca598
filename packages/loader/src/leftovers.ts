import { findLeftovers as find, type Leftover } from '@bpf/attach'
import type { Context } from './context'
import { dispatcherLoader } from './xdp-dispatcher/load-dispatcher'

/**
 * What processes of ours left attached when they were killed, to be removed: `findLeftovers` of `@bpf/attach`, with all that
 * removing takes. @throws SyscallError
 */
export function findLeftovers(context: Context): readonly Leftover[] {
  return find({ ...context, loadDispatcher: dispatcherLoader(context) })
}
