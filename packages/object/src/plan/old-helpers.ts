import { getImm, isHelperCall, setImm, slotCount, slotsAt } from '@bpf/insn'
import type { Target } from '../target'
import type { CodeBuffer } from './instruction-forms'

/** Helper ids of `bpf_probe_read_{user,kernel}[_str]` (5.5) and of what did their work before. */
const fallbacks: Readonly<Record<number, number>> = { 112: 4, 113: 4, 114: 45, 115: 45 }

/** The helper that is called where the kernel does not have this one; undefined when there is none. */
export function replacementOf(helper: number): number | undefined {
  return fallbacks[helper]
}

/** On kernels that do not tell user from kernel memory, calls the helper that reads both. */
export function replaceNewHelpers({ code, littleEndian }: CodeBuffer, target: Target): void {
  if (target.has('probeReadKernel') !== false) return
  for (let slot = 0; slot < slotCount(code); slot += slotsAt(code, slot)) {
    const fallback = isHelperCall(code, slot, littleEndian) ? replacementOf(getImm(code, slot, littleEndian)) : undefined
    if (fallback !== undefined) setImm(code, slot, fallback, littleEndian)
  }
}
