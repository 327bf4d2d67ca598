import { CoreKind } from '@bpf/btf'
import { getImm, getOpcode, getSrc, isLdImm64, programTag, setImm } from '@bpf/insn'
import type { ProgramPlan } from '@bpf/object'

/**
 * Instructions hold BTF ids of the kernel: of kfuncs, of kernel variables, of types. Two builds of a kernel number their
 * types differently by a little, and then tags differ though all else is equal.
 *
 * This asks whether a program would have the expected tag if ids were shifted: all functions by one distance, all variables
 * by one, each type by its own; or else those that are neighbours in BTF, since neighbours move together.
 */
export function equalButForTypeIds(plan: ProgramPlan, expectedTag: string): boolean {
  const places = idPlaces(plan)
  return isShifted(plan, places, expectedTag) || isShifted(plan, byNeighbourhood(places), expectedTag)
}

function isShifted(plan: ProgramPlan, places: readonly IdPlace[], expectedTag: string): boolean {
  const groups = [...new Set(places.map(place => place.group))]
  if (groups.length === 0 || groups.length > mostGroups) return false
  const code = new Uint8Array(plan.code)
  const search = (index: number): boolean => {
    const group = groups[index]
    if (group === undefined) return programTag(code, { littleEndian: true }) === expectedTag
    for (const distance of distances) {
      for (const { slot, id } of places.filter(place => place.group === group)) setImm(code, slot, id + distance, true)
      if (search(index + 1)) return true
    }
    return false
  }
  return search(0)
}

/** Three groups are 300,000 hashes; more would prove little. */
const mostGroups = 3
const distances = Array.from({ length: 65 }, (_, i) => i - 32)

/** Ids further apart than this can have moved by different distances. */
const neighbourhood = 256

function byNeighbourhood(places: readonly IdPlace[]): IdPlace[] {
  const sorted = places.toSorted((a, b) => a.id - b.id)
  let group = 0
  return sorted.map((place, index) => {
    if (place.id - (sorted[index - 1]?.id ?? place.id) > neighbourhood) group++
    return { ...place, group: `neighbours ${group}` }
  })
}

interface IdPlace {
  readonly slot: number
  readonly id: number
  readonly group: string
}

const PSEUDO_KFUNC_CALL = 2
const PSEUDO_BTF_ID = 3
const CALL = 0x85

function idPlaces(plan: ProgramPlan): IdPlace[] {
  const { code } = plan
  const places: IdPlace[] = []
  for (let slot = 0; slot < code.byteLength / 8; slot++) {
    const opcode = getOpcode(code, slot)
    const source = getSrc(code, slot, true)
    const id = getImm(code, slot, true)
    if (opcode === CALL && source === PSEUDO_KFUNC_CALL) places.push({ slot, id, group: 'functions' })
    if (!isLdImm64(opcode)) continue
    if (source === PSEUDO_BTF_ID) places.push({ slot, id, group: 'variables' })
    slot++
  }
  for (const decision of plan.core) {
    if (decision.kind !== CoreKind.TypeIdTarget || decision.after === undefined) continue
    const id = Number(decision.after & 0xffff_ffffn)
    places.push({ slot: decision.slot, id, group: `type ${id}` })
  }
  return places
}
