import { ClosedError, isSyscallError } from '@bpf/sys'
import { LinkError } from '../errors'
import type { Link, LinkInterface, LinkLabel, Replacement } from './link'
import { updateRefused } from './update-refused'

/** An attachment by an interface older than links, as a backend describes it. */
export interface Held extends LinkLabel {
  readonly interface: LinkInterface
  /** Called until it does not throw: what it takes is given back then, not before. */
  readonly detach: () => void
  /** Absent where the interface cannot replace a program. `expected` is passed on where it can be checked. */
  readonly update?: (program: Replacement, expected: Replacement | undefined) => void
}

/**
 * A link that only this process knows as such: detached by `close()`, never pinned. It stays attached and open when detaching fails,
 * for want of descriptors say.
 */
export function heldLink(held: Held): Link {
  let { program } = held
  let open = true
  const close = () => {
    if (!open) return
    held.detach()
    open = false
  }
  return {
    kind: held.kind,
    target: held.target,
    interface: held.interface,
    id: undefined,
    get program() {
      return program
    },
    get closed() {
      return !open
    },
    info: () => undefined,
    update(next, { expected } = {}) {
      if (held.update === undefined) throw new LinkError(held, `cannot take another program: ${held.interface} has no such operation`)
      // The backend's descriptors are closed: their numbers may be others' by now.
      if (!open) throw new ClosedError(`link of program "${program}" to ${held.target}`)
      try {
        held.update(next, expected)
      } catch (error) {
        throw isSyscallError(error) ? updateRefused({ ...held, program }, next.name, error) : error
      }
      program = next.name
    },
    pin() {
      const hint = 'only a bpf_link can be pinned, which this kernel or the given options did not allow'
      throw new LinkError(held, `cannot be pinned: it is made by ${held.interface}`, { hint })
    },
    unpin() {},
    detach: close,
    close,
    [Symbol.dispose]: close,
  }
}
