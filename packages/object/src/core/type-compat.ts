import { type Btf, resolve } from '@bpf/btf'
import { describeType, sameKind, TypeDepthError } from './type-queries'

const MAX_DEPTH = 32

/**
 * Whether a type of the target can stand for a local one: for type exists, size and id relocations, and for typed ksyms
 * and kfuncs. Names are the caller's business. Returns the first difference, or undefined.
 *
 * - the same kind, where enum and enum64 are one
 * - modifiers and typedefs below the root do not count
 * - structs, unions, enums, forward declarations: nothing more is compared
 * - ints: size and sign do not count, but neither may be a bit field of the old encoding
 * - pointers and arrays: what they are of, not the length
 * - function prototypes: as many parameters, each compatible, and the return type
 *
 * @throws TypeDepthError
 */
export function typeIncompatibility(local: Btf, localId: number, target: Btf, targetId: number, level = MAX_DEPTH): string | undefined {
  if (level < 0) throw new TypeDepthError(`function prototypes nested more than ${MAX_DEPTH} deep`)
  if (!sameKind(local.type(localId), target.type(targetId))) return kindDifference(local, localId, target, targetId)
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const a = resolve(local, localId)
    const b = resolve(target, targetId)
    if (!sameKind(a, b)) return kindDifference(local, a.id, target, b.id)
    if ((a.kind === 'ptr' && b.kind === 'ptr') || (a.kind === 'array' && b.kind === 'array')) {
      localId = a.type
      targetId = b.type
    } else if (a.kind === 'int' && b.kind === 'int') {
      return a.bitOffset === 0 && b.bitOffset === 0 ? undefined : `${describeType(a)} is an old-style bit field`
    } else if (a.kind === 'funcProto' && b.kind === 'funcProto') {
      if (a.params.length !== b.params.length) return `takes ${b.params.length} parameters, expected ${a.params.length}`
      for (const [index, param] of a.params.entries()) {
        const other = b.params[index]?.type ?? 0
        const difference = typeIncompatibility(local, resolve(local, param.type).id, target, resolve(target, other).id, level - 1)
        if (difference !== undefined) return `parameter ${index + 1}: ${difference}`
      }
      localId = a.returnType
      targetId = b.returnType
    } else {
      return COMPARED_BY_KIND.has(a.kind) ? undefined : `${a.kind} cannot be relocated`
    }
  }
  throw new TypeDepthError(`type ${localId} is nested more than ${MAX_DEPTH} deep`)
}

const COMPARED_BY_KIND: ReadonlySet<string> = new Set(['void', 'struct', 'union', 'enum', 'enum64', 'fwd'])

function kindDifference(local: Btf, localId: number, target: Btf, targetId: number): string {
  return `is ${describeKind(target, targetId)}, expected ${describeKind(local, localId)}`
}

function describeKind(btf: Btf, id: number): string {
  const type = btf.type(id)
  return type.kind === 'typedef' ? `typedef ${type.name}` : describeType(type)
}
