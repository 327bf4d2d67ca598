import { type Btf, type BtfType, CoreKind, essentialName, resolve } from '@bpf/btf'
import { type Access, type Accessor, MAX_ACCESS_LENGTH } from './access'
import type { CoreSubject } from './core-kind'
import { fieldIncompatibility } from './field-compat'
import { typeIncompatibility } from './type-compat'
import { typeDifference } from './type-match'
import { describeType, isComposite, isEnum, isFlexibleArray, sizeOfType, TypeDepthError } from './type-queries'

/** Either the same access in the candidate's terms, or the first thing that is different there. */
export type Match = { readonly access: Access; readonly mismatch?: undefined } | { readonly access?: undefined; readonly mismatch: string }

/**
 * Looks for what `local` asks for in one type of the target. Fields are followed by name through any number of anonymous
 * structs and unions, array elements by index, enumerators by name without flavour.
 *
 * @throws TypeDepthError
 */
export function matchCandidate(local: Access, kind: number, subject: CoreSubject, target: Btf, targetId: number): Match {
  if (subject === 'field') return matchField(local, target, targetId)
  if (subject === 'enumerator') return matchEnumerator(local, target, targetId)
  const compare = kind === CoreKind.TypeMatches ? typeDifference : typeIncompatibility
  const mismatch = compare(local.btf, local.rootId, target, targetId)
  return mismatch === undefined ? { access: { btf: target, rootId: targetId, steps: [], bitOffset: 0 } } : { mismatch }
}

function matchEnumerator(local: Access, target: Btf, targetId: number): Match {
  const type = resolve(target, targetId)
  if (!isEnum(type)) return { mismatch: `${describeType(type)} is no enum` }
  const wanted = essentialName(local.steps[0]?.name ?? '')
  const index = type.values.findIndex(value => essentialName(value.name) === wanted)
  const value = type.values[index]
  if (value === undefined) return { mismatch: `no enumerator ${wanted}` }
  return { access: { btf: target, rootId: targetId, steps: [{ typeId: type.id, index, name: value.name }], bitOffset: 0 } }
}

function matchField(local: Access, target: Btf, targetId: number): Match {
  const steps: Accessor[] = []
  let bitOffset = 0
  let depth = 0
  let type = resolve(target, targetId)
  let owner: { readonly type: BtfType; readonly index: number } | undefined
  for (const [position, step] of local.steps.entries()) {
    if (step.name !== undefined) {
      const found = findMember(target, type, step.name, depth)
      if (found === undefined) return { mismatch: `no member ${step.name}${position > 1 ? ` in ${describeType(type)}` : ''}` }
      const member = localMemberType(local.btf, step)
      const incompatible = fieldIncompatibility(local.btf, member, target, found.memberType)
      if (incompatible !== undefined) return { mismatch: `member ${step.name} ${incompatible}` }
      depth = found.depth
      bitOffset += found.bitOffset
      steps.push({ typeId: found.owner.id, index: found.index, name: step.name })
      owner = { type: found.owner, index: found.index }
      type = resolve(target, found.memberType)
    } else {
      if (position > 0) {
        if (type.kind !== 'array') return { mismatch: `${describeType(type)} is no array` }
        const flexible = isFlexibleArray(type, owner?.type, owner?.index ?? -1)
        if (!flexible && step.index >= type.length) return { mismatch: `array has ${type.length} elements, access is to ${step.index}` }
        type = resolve(target, type.type)
      }
      const size = sizeOfType(target, type.id)
      if (size === undefined) return { mismatch: `${describeType(type)} has no size` }
      depth = checkedDepth(depth)
      steps.push({ typeId: type.id, index: step.index, name: undefined })
      owner = undefined
      bitOffset += step.index * size * 8
    }
  }
  return { access: { btf: target, rootId: targetId, steps, bitOffset } }
}

function localMemberType(btf: Btf, step: Accessor): number {
  const type = btf.type(step.typeId)
  return (isComposite(type) ? type.members[step.index]?.type : undefined) ?? 0
}

interface FoundMember {
  /** The struct or union that has it, which may be an anonymous one inside. */
  readonly owner: BtfType
  readonly index: number
  readonly memberType: number
  readonly bitOffset: number
  readonly depth: number
}

/** Members visited before giving up: the largest kernel struct takes a thousand, a cyclic one would take forever. */
const MAX_MEMBERS = 1_000_000

function findMember(btf: Btf, type: BtfType, name: string, depth: number): FoundMember | undefined {
  let visited = 0
  const search = (type: BtfType, level: number): FoundMember | undefined => {
    if (!isComposite(type)) return undefined
    const below = checkedDepth(level)
    // Structs of the kernel have hundreds of members: `entries()` would make a pair of each.
    for (let index = 0; ; index++) {
      const member = type.members[index]
      if (member === undefined) return undefined
      if (++visited > MAX_MEMBERS) throw new TypeDepthError(`${describeType(type)} has too many members`)
      if (member.name === name) {
        return { owner: type, index, memberType: member.type, bitOffset: member.bitOffset, depth: below }
      }
      if (member.name !== '') continue
      const found = search(resolve(btf, member.type), below)
      if (found !== undefined) return { ...found, bitOffset: found.bitOffset + member.bitOffset }
    }
  }
  return search(type, depth)
}

function checkedDepth(depth: number): number {
  if (depth === MAX_ACCESS_LENGTH) throw new TypeDepthError(`members nested more than ${MAX_ACCESS_LENGTH} deep`)
  return depth + 1
}
