import { AttachError } from './errors'
import type { LinkLabel } from './link/link'

/** Where a probe goes in a function, if it is one. */
interface Place {
  readonly symbol?: unknown
  readonly offset?: number
}

/**
 * A return is seen from where the function begins. Further on, the return address is not on top of the stack any more: the kernel
 * would put its own over something else. @throws AttachError
 */
export function refuseReturnInside(label: LinkLabel, seesReturns: boolean, { symbol, offset }: Place): void {
  if (!seesReturns || symbol === undefined || !offset) return
  throw new AttachError({ ...label, problem: 'returns are seen from where a function begins only', hint: 'leave the offset out' })
}
