import { BtfBuildError } from './build-error'
import { BtfBuilder } from './builder'
import { BtfError } from './errors'
import { mapReferences } from './references'
import { maxDepth, resolve, tooDeep } from './resolve'
import type { Btf, BtfType, TypeId } from './types'

/**
 * Puts split BTF that stands on a distilled base (section `.BTF.base`) on a real one: each type of the distilled base is looked for
 * by kind, name and, where it matters, size.
 *
 * @param btf parsed with the distilled base as its base
 * @returns split BTF for `base`; its types keep their order
 * @throws BtfError `ERR_BPF_BTF_BASE` if the base lacks a type, or has several that it could be.
 */
export function relocateBtf(btf: Btf, base: Btf): Uint8Array {
  const distilled = btf.base
  if (distilled === undefined) throw new BtfError('only split BTF can be relocated: this has no base', { code: 'ERR_BPF_BTF_BASE' })
  const embedded = embeddedOfBase(btf)
  const builder = new BtfBuilder({ base, littleEndian: btf.littleEndian })
  const found: TypeId[] = [0 as TypeId]
  for (let id = 1; id < btf.startId; id++) found.push(find(base, distilled.type(id), embedded.has(id)))
  const newId = (id: TypeId): TypeId => found[id] ?? ((id - btf.startId + base.endId) as TypeId)
  for (let id = btf.startId; id < btf.endId; id++) {
    const type = btf.type(id)
    if (type.kind === 'void' || type.kind === 'unknown') throw new BtfBuildError('of an unknown kind', id)
    builder.add(mapReferences(type, newId))
  }
  return builder.toBytes()
}

/** The type of the base that a type of the distilled base was. */
function find(base: Btf, wanted: BtfType, embedded: boolean): TypeId {
  const fail = (problem: string, hint?: string): never => {
    const what = `${wanted.kind} ${wanted.name === '' ? '(anonymous)' : wanted.name}`
    throw new BtfError(`${what} ${problem}`, { code: 'ERR_BPF_BTF_BASE', typeId: wanted.id, ...(hint !== undefined && { hint }) })
  }
  if (wanted.name === '') fail('cannot be looked for in another base')
  const named = base.idsByName(wanted.name).map(id => base.type(id))
  const ofKind = named.filter(type => matches(type, wanted))
  const sized = ofKind.filter(type => 'size' in type && 'size' in wanted && type.size === wanted.size)
  const candidates = isComposite(wanted) && (embedded || ofKind.length > 1) ? sized : preferForwards(ofKind, wanted)
  const [first] = candidates
  if (first === undefined) {
    return ofKind.length === 0
      ? fail('is not in the base', 'the BTF was made for another kernel')
      : fail(`has another size in the base, but is a member by value in the split BTF`, 'the BTF was made for another kernel')
  }
  if (candidates.length > 1) fail(`is ambiguous: types ${candidates.map(type => type.id).join(', ')} of the base are alike`)
  return first.id
}

/** Whether a type can be what a type of a distilled base stands for, but for the size of structs. */
function matches(type: BtfType, wanted: BtfType): boolean {
  switch (wanted.kind) {
    case 'int':
      return type.kind === 'int' && type.size === wanted.size && sameEncoding(type.encoding, wanted.encoding)
    case 'float':
      return type.kind === 'float' && type.size === wanted.size
    // A distilled base has no enum64: there are no values to be wide.
    case 'enum':
      return (type.kind === 'enum' || type.kind === 'enum64') && type.size === wanted.size
    case 'fwd':
      return type.kind === wanted.of || (type.kind === 'fwd' && type.of === wanted.of)
    case 'struct':
    case 'union':
      return type.kind === wanted.kind
    default:
      return false
  }
}

function sameEncoding(a: object, b: object): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** A forward declaration is rather one in the base too than one of the structs of that name. */
function preferForwards(types: readonly BtfType[], wanted: BtfType): readonly BtfType[] {
  const forwards = types.filter(type => type.kind === 'fwd')
  return wanted.kind === 'fwd' && forwards.length > 0 ? forwards : types
}

const isComposite = (type: BtfType): boolean => type.kind === 'struct' || type.kind === 'union'

/** Structs and unions of the base that are members by value in the split BTF: there, their size is part of the layout. */
function embeddedOfBase(btf: Btf): Set<number> {
  const embedded = new Set<number>()
  for (let id = btf.startId; id < btf.endId; id++) {
    const type = btf.type(id)
    if (!('members' in type)) continue
    for (const member of type.members) {
      const inner = elementOf(btf, member.type)
      if (isComposite(inner) && inner.id < btf.startId) embedded.add(inner.id)
    }
  }
  return embedded
}

/** The type behind names, qualifiers and arrays. */
function elementOf(btf: Btf, id: TypeId): BtfType {
  let type = resolve(btf, id)
  for (let depth = 0; type.kind === 'array'; depth++) {
    if (depth === maxDepth) throw tooDeep(id)
    type = resolve(btf, type.type)
  }
  return type
}
