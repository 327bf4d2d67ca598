import type { AttachContext } from '../context'
import { AttachError } from '../errors'
import type { AttachableProgram, Link } from '../link/link'
import { nameInterface } from '../network'
import type { DispatchedTarget } from './xdp-dispatched'

/**
 * Runs an XDP program among others on an interface, whoever loaded them, as `attachXdpDispatched` does. The program may be
 * an ordinary one: what loaded its object loads it once more for the dispatcher. @throws AttachError
 */
export function attachDispatched({ dispatch }: AttachContext, program: AttachableProgram, target: DispatchedTarget): Link {
  if (dispatch !== undefined) return dispatch(program, target)
  throw new AttachError({
    program: program.name,
    target: `XDP dispatcher of ${nameInterface(target)}`,
    problem: 'nothing here can load the program for a dispatcher',
    hint: 'attach it through its loaded object of @bpf/loader',
  })
}
