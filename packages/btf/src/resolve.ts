import { BtfError } from './errors'
import type { Btf, BtfType, ModifierType, TypeId } from './types'

/** Longest chain of references that is followed: real ones have fewer than ten links, the kernel follows 32. */
export const maxDepth = 64

type Modifier = Exclude<ModifierType['kind'], 'typedef'>

const modifiers: ReadonlySet<BtfType['kind']> = new Set<Modifier>(['const', 'volatile', 'restrict', 'typeTag'])

/** The type behind typedefs, qualifiers and type tags. @throws BtfError if the chain loops. */
export function resolve(btf: Btf, id: number): Exclude<BtfType, ModifierType> {
  return follow(btf, id, isModifierOrTypedef) as Exclude<BtfType, ModifierType>
}

/** The type behind qualifiers and type tags: a typedef stays. @throws BtfError if the chain loops. */
export function skipModifiers(btf: Btf, id: number): BtfType {
  return follow(btf, id, isModifier)
}

/** Whether a type only qualifies another: `const`, `volatile`, `restrict`, or a type tag. */
function isModifier(type: BtfType): type is ModifierType & { readonly kind: Modifier } {
  return modifiers.has(type.kind)
}

function isModifierOrTypedef(type: BtfType): type is ModifierType {
  return type.kind === 'typedef' || isModifier(type)
}

function follow(btf: Btf, id: number, passes: (type: BtfType) => type is ModifierType): BtfType {
  let type = btf.type(id)
  for (let depth = 0; passes(type); depth++) {
    if (depth === maxDepth) throw tooDeep(id)
    type = btf.type(type.type)
  }
  return type
}

export function tooDeep(id: number): BtfError {
  return new BtfError(`type ${id} refers to itself, or more than ${maxDepth} types deep`, {
    code: 'ERR_BPF_BTF_CYCLE',
    typeId: id as TypeId,
  })
}
