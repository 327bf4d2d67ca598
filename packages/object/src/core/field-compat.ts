import { type Btf, essentialName, resolve } from '@bpf/btf'
import { describeType, isComposite, isEnum, sameKind, TypeDepthError } from './type-queries'

const MAX_DEPTH = 32

/**
 * Whether a member of the target can be read where the program reads a local one: looser than type compatibility, since
 * offset and width are relocated. Returns the first difference, or undefined.
 *
 * - any two structs or unions, any two pointers, any two floats
 * - enums and forward declarations of the same name without flavour, or one without a name
 * - ints of any size and sign, but no bit fields of the old encoding
 * - arrays of compatible elements, of any length
 *
 * @throws TypeDepthError
 */
export function fieldIncompatibility(local: Btf, localId: number, target: Btf, targetId: number): string | undefined {
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const a = resolve(local, localId)
    const b = resolve(target, targetId)
    if (isComposite(a) && isComposite(b)) return undefined
    if (!sameKind(a, b)) return `is ${describeType(b)}, expected ${describeType(a)}`
    if (a.kind === 'array' && b.kind === 'array') {
      localId = a.type
      targetId = b.type
      continue
    }
    if (a.kind === 'ptr' || a.kind === 'float') return undefined
    if (a.kind === 'int' && b.kind === 'int') {
      return a.bitOffset === 0 && b.bitOffset === 0 ? undefined : `${describeType(b)} is an old-style bit field`
    }
    if (isEnum(a) || a.kind === 'fwd') {
      const agree = a.name === '' || b.name === '' || essentialName(a.name) === essentialName(b.name)
      return agree ? undefined : `is ${describeType(b)}, expected ${describeType(a)}`
    }
    return `${a.kind} cannot be a field`
  }
  throw new TypeDepthError(`array ${localId} has more than ${MAX_DEPTH} dimensions`)
}
