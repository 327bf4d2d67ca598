import { getImm, getOpcode, getSrc, isCall, isLdImm64, isPseudoCall, PseudoSource, SLOT_SIZE, slotsAt } from '@bpf/insn'
import { ObjectError, place } from '../object-error'
import type { FunctionIndex } from './function-index'
import type { FunctionRange } from './functions'
import type { PlacedReference } from './references'

/**
 * References without a relocation: a call of a static function in the same section is complete as compiled, its distance
 * is in `imm`.
 *
 * @param code of the function
 * @param relocated offsets in the section of the instructions that have a relocation
 * @throws ObjectError for a call to where no function is
 */
export function findLocalCalls(
  range: FunctionRange,
  code: Uint8Array,
  littleEndian: boolean,
  functions: FunctionIndex,
  relocated: ReadonlySet<number>,
): PlacedReference[] {
  const calls: PlacedReference[] = []
  for (let slot = 0; slot * SLOT_SIZE < code.length; slot += slotsAt(code, slot)) {
    const offset = range.offset + slot * SLOT_SIZE
    if (relocated.has(offset)) continue
    refuseAddress(range, code, slot, littleEndian)
    if (!isCall(getOpcode(code, slot)) || !isPseudoCall(code, slot, littleEndian)) continue
    const target = offset + (getImm(code, slot, littleEndian) + 1) * SLOT_SIZE
    const callee = functions.at(range.section.index, target)
    if (callee === undefined) throw localError(range, offset, `it calls ${place(range.section.name, target)}, where there is no function`)
    calls.push({ offset, target: { kind: 'function', function: callee.range.name, offset: callee.offset, address: false } })
  }
  return calls
}

/** The address of a function always has a relocation, wherever the function is. */
function refuseAddress(range: FunctionRange, code: Uint8Array, slot: number, littleEndian: boolean): void {
  if (isLdImm64(getOpcode(code, slot)) && getSrc(code, slot, littleEndian) === PseudoSource.FUNC) {
    throw localError(range, range.offset + slot * SLOT_SIZE, 'it takes the address of a function, but has no relocation that says of which')
  }
}

function localError({ name, section }: FunctionRange, offset: number, cause: string): ObjectError {
  const message = `function "${name}", instruction at ${place(section.name, offset)}: ${cause}`
  return new ObjectError('ERR_BPF_OBJECT_RELOCATION', message, { section: section.name, offset, symbol: name })
}
