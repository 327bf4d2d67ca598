import { PseudoSource, setImm, setSrc } from '@bpf/insn'
import type { ProgramPlan } from '@bpf/object'
import { littleEndian } from '@bpf/sys'
import { LoadError } from '../errors'

/**
 * The code of a program that is signed: the same bytes at each load, because it names maps by their places in `fd_array` and
 * not by descriptors. @throws LoadError
 */
export function signedCode(plan: ProgramPlan): Uint8Array {
  const code = plan.code.slice()
  const maps = mapsOfSigned(plan)
  for (const hole of plan.holes) {
    if (hole.kind === 'moduleBtf') {
      const problem = `cannot be signed: its code holds a descriptor, of the BTF of module ${hole.module}`
      throw new LoadError({ stage: 'program', subject: plan.name, problem })
    }
    setSrc(code, hole.slot, hole.kind === 'map' ? PseudoSource.MAP_IDX : PseudoSource.MAP_IDX_VALUE, littleEndian)
    setImm(code, hole.slot, 1 + plan.kfuncModules.length + maps.indexOf(hole.map), littleEndian)
  }
  return code
}

/** The maps of a signed program, in the order in which they follow the modules in its `fd_array`. */
export function mapsOfSigned({ holes }: ProgramPlan): readonly string[] {
  return [...new Set(holes.flatMap(hole => (hole.kind === 'moduleBtf' ? [] : [hole.map])))]
}
