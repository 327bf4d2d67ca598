import { type ArrayType, type Btf, BtfError, type BtfType, type CompositeType, type EnumType, resolve, sizeOf } from '@bpf/btf'
import { BpfError } from '@bpf/bytes'

/** Longer chains of modifiers, pointers or arrays are no compiler's output. */
const MAX_DEPTH = 32

/** Types nested too deeply to be looked through: cyclic, or no compiler's output. */
export class TypeDepthError extends BpfError {
  override readonly name = 'TypeDepthError'

  constructor(message: string) {
    super('ERR_BPF_TYPE_DEPTH', message)
  }
}

export const isComposite = (type: BtfType): type is CompositeType => type.kind === 'struct' || type.kind === 'union'
export const isEnum = (type: BtfType): type is EnumType => type.kind === 'enum' || type.kind === 'enum64'

/** The same kind; an enum and an enum64 count as the same. */
export const sameKind = (a: BtfType, b: BtfType): boolean => a.kind === b.kind || (isEnum(a) && isEnum(b))

/** Size in bytes as `sizeof` has it; undefined for types without one. @throws BtfError, if the type contains itself. */
export function sizeOfType(btf: Btf, id: number): number | undefined {
  try {
    return sizeOf(btf, id)
  } catch (error) {
    if (error instanceof BtfError && error.code === 'ERR_BPF_BTF_NO_SIZE') return undefined
    throw error
  }
}

/** The element type behind any number of array dimensions and modifiers. @throws TypeDepthError */
export function elementType(btf: Btf, id: number): BtfType {
  let type = resolve(btf, id)
  for (let depth = 0; type.kind === 'array'; depth++) {
    if (depth === MAX_DEPTH) throw new TypeDepthError(`array ${id} has more than ${MAX_DEPTH} dimensions`)
    type = resolve(btf, type.type)
  }
  return type
}

/** A C flexible array: of length 0 and the last member of its struct. `owner` is the struct, `index` the member. */
export function isFlexibleArray(array: ArrayType, owner: BtfType | undefined, index: number): boolean {
  return array.length === 0 && owner !== undefined && isComposite(owner) && index === owner.members.length - 1
}

const keywords: Partial<Record<BtfType['kind'], string>> = { struct: 'struct ', union: 'union ', enum: 'enum ', enum64: 'enum ' }

/** `struct task_struct`, `pid_t`, `union (anonymous)`: a type's name as C writes it. */
export function describeType(type: BtfType): string {
  if (type.kind === 'fwd') return `${type.of} ${type.name} (declared only)`
  return `${keywords[type.kind] ?? ''}${type.name || (type.kind in keywords ? '(anonymous)' : type.kind)}`
}
