import { BpfError } from '@bpf/bytes'
import { isSyscallError } from '@bpf/sys'
import type { ShapeDifference } from '../map/shape'

/** Something could not be pinned, replaced or unpinned. */
export class PinError extends BpfError {
  override readonly name: string = 'PinError'
  readonly path: string

  constructor(code: string, path: string, problem: string, options: { readonly cause?: unknown; readonly hint?: string | undefined } = {}) {
    const { cause, hint } = options
    const reason = isSyscallError(cause) ? `: ${cause.errnoName}` : cause instanceof Error ? `: ${cause.message}` : ''
    super(code, `${path} ${problem}${reason}`, { cause, hint: hint ?? (cause instanceof BpfError ? cause.hint : undefined) })
    this.path = path
  }
}

/** Something else than a map is pinned there. `kind`: as /proc tells. */
export function foreignPin(path: string, kind: string | undefined): PinError {
  const what = kind === 'prog' ? 'program' : (kind ?? 'object')
  return new PinError('ERR_BPF_PIN_FOREIGN', path, `is a pinned ${what}, not a map`, { hint: 'remove it, or pin the map elsewhere' })
}

/** The map that is pinned is not the one that is wanted. */
export class PinMismatchError extends PinError {
  override readonly name = 'PinMismatchError'
  readonly map: string
  readonly differences: readonly ShapeDifference[]

  constructor(path: string, map: string, differences: readonly ShapeDifference[]) {
    const list = differences.map(({ field, wanted, found }) => `${field} is ${found}, not ${wanted}`).join('; ')
    super('ERR_BPF_PIN_MISMATCH', path, `cannot be reused for map "${map}": ${list}`, {
      hint: "remove the pin, change the map to match it, or let the policy be 'replace'",
    })
    this.map = map
    this.differences = differences
  }
}
