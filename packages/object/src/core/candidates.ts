import { type Btf, essentialName } from '@bpf/btf'
import type { TargetTypes } from '../target'
import { sameKind } from './type-queries'

/** A type of the target that may stand for a local one. */
export interface Candidate {
  readonly btf: Btf
  readonly typeId: number
  readonly name: string
  /** Whose BTF it is in; undefined = vmlinux. */
  readonly module: string | undefined
}

/**
 * Types of the target with the kind and the name without flavour of a local type: those of vmlinux, or, only when it has
 * none, those of all modules. Undefined when the target has no BTF at all.
 */
export function findCandidates(local: Btf, localId: number, target: TargetTypes): Candidate[] | undefined {
  const vmlinux = target.vmlinuxBtf()
  if (vmlinux === undefined) return undefined
  const wanted = essentialName(local.nameOf(localId))
  const type = local.type(localId)
  const among = (btf: Btf, module: string | undefined): Candidate[] =>
    btf
      .idsByEssentialName(wanted, { ownOnly: true })
      .filter(id => sameKind(btf.type(id), type))
      .map(typeId => ({ btf, typeId, name: btf.nameOf(typeId), module }))
  const found = among(vmlinux, undefined)
  if (found.length > 0) return found
  return target.moduleNames().flatMap(module => {
    const btf = target.moduleBtf(module)
    return btf === undefined ? [] : among(btf, module)
  })
}
