import { type Btf, type BtfUses, CoreKind, minimiseBtf } from '@bpf/btf'
import type { ObjectSpec } from '../spec'
import type { TargetTypes } from '../target'
import { type CoreRequest, readAccess } from './access'
import { findCandidates } from './candidates'
import { subjectOf } from './core-kind'
import { matchCandidate } from './match'

interface Uses extends BtfUses {
  readonly typeIds: Set<number>
  readonly members: Map<number, Set<number>>
  readonly matched: Set<number>
}

/**
 * A kernel's BTF with no more than the CO-RE relocations of these objects look at, so that they come to the same there: to be
 * shipped with the objects for kernels without BTF of their own. Functions and variables that objects declare as typed externs
 * are not kept: those kernels have none.
 *
 * @throws CoreError if a relocation is malformed, BtfError
 */
export function minimiseFor(specs: readonly ObjectSpec[], kernel: Btf): Uint8Array {
  const uses: Uses = { typeIds: new Set(), members: new Map(), matched: new Set() }
  for (const { btf, functions } of specs) {
    if (btf === undefined) continue
    for (const { coreRelocations } of functions) for (const request of coreRelocations) collect(uses, btf, request, kernel)
  }
  return minimiseBtf(kernel, uses).bytes
}

function collect(uses: Uses, local: Btf, request: CoreRequest, kernel: Btf): void {
  const subject = subjectOf(request.kind)
  if (subject === undefined || request.kind === CoreKind.TypeIdLocal) return
  const access = readAccess(local, request)
  for (const { typeId } of findCandidates(local, request.typeId, typesOnly(kernel)) ?? []) {
    // Also those that do not match: without any, modules would be asked.
    const kept = request.kind === CoreKind.TypeMatches ? uses.matched : uses.typeIds
    kept.add(typeId)
    const steps = subject === 'field' ? (matchCandidate(access, request.kind, subject, kernel, typeId).access?.steps ?? []) : []
    for (const step of steps) if (step.name !== undefined) addMember(uses.members, step.typeId, step.index)
  }
}

function addMember(members: Map<number, Set<number>>, typeId: number, index: number): void {
  const known = members.get(typeId) ?? new Set()
  members.set(typeId, known.add(index))
}

function typesOnly(kernel: Btf): TargetTypes {
  return { vmlinuxBtf: () => kernel, moduleNames: () => [], moduleBtf: () => undefined }
}
