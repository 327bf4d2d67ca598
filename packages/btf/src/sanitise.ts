import { referencesOf } from './references'
import { rewriteBtf } from './rewrite'
import { sectionsOf } from './sections'
import type { TypeInput } from './type-input'
import type { Btf, BtfType, BtfTypeOf, TypeId } from './types'

/** What a kernel accepts in BTF. The versions are mainline's; a probe knows better. */
export interface BtfFeatures {
  /** FUNC and FUNC_PROTO (5.0). */
  readonly func: boolean
  /** Linkage of functions (5.6). */
  readonly globalFunc: boolean
  /** VAR and DATASEC (5.2). */
  readonly datasec: boolean
  /** FLOAT (5.13). */
  readonly float: boolean
  /** DECL_TAG (5.16). */
  readonly declTag: boolean
  /** TYPE_TAG (5.17). */
  readonly typeTag: boolean
  /** ENUM64, and the sign flag of ENUM (6.0). */
  readonly enum64: boolean
  /** Section names that begin with `?` (6.9). */
  readonly questionMarkDatasec: boolean
  /** The table of record sizes by kind (7.1). */
  readonly layout: boolean
}

export interface SanitisedBtf {
  /** The input's own bytes if nothing had to change. */
  readonly bytes: Uint8Array
  /** One line a change: `type 7 var "counter" becomes an int`. */
  readonly changes: readonly string[]
}

/**
 * BTF that a kernel accepts: what it does not know is replaced by something that it does, of the same size or smaller. Ids and
 * string offsets stay, so instructions and `.BTF.ext` remain valid.
 *
 * @throws BtfError if a type cannot be read, BtfBuildError if a replacement cannot be expressed (a section too large for a struct).
 */
export function sanitiseBtf(btf: Btf, features: BtfFeatures): SanitisedBtf {
  const wanted = rules.filter(rule => !features[rule.without])
  const replaced = new Map<number, TypeInput>()
  const changes: string[] = []
  const placeholder = btf.endId as TypeId
  // Most kernels know every kind: then no type is looked at.
  const endId = wanted.length === 0 ? btf.startId : btf.endId
  for (let id = btf.startId; id < endId; id++) {
    const type = btf.type(id)
    const rule = wanted.find(rule => rule.applies(type))
    if (rule === undefined) continue
    replaced.set(id, rule.replace(type, btf, placeholder))
    changes.push(`type ${id} ${type.kind}${type.name === '' ? '' : ` "${type.name}"`} ${rule.effect}`)
  }
  if (!features.layout && sectionsOf(btf).layout !== undefined) changes.push('the table of record sizes is cut')
  if (changes.length === 0) return { bytes: btf.bytes, changes }
  const used = [...replaced.values()].some(type => referencesOf(type).includes(placeholder))
  const append: TypeInput[] = used ? [{ kind: 'int', name: 'enum64_placeholder', size: 1 }] : []
  return { bytes: rewriteBtf(btf, replaced, { append, layout: features.layout }), changes }
}

interface Rule {
  /** The feature in whose absence the rule holds. */
  readonly without: keyof BtfFeatures
  readonly effect: string
  applies(type: BtfType): boolean
  /** @param placeholder id of an int of one byte */
  replace(type: BtfType, btf: Btf, placeholder: TypeId): TypeInput
}

/** A rule for types of certain kinds. */
function rule<T extends BtfType>(
  without: keyof BtfFeatures,
  kind: (type: BtfType) => type is T,
  effect: string,
  replace: (type: T, btf: Btf, placeholder: TypeId) => TypeInput,
): Rule {
  return { without, effect, applies: kind, replace: (type, btf, placeholder) => replace(type as T, btf, placeholder) }
}

const is =
  <K extends BtfType['kind']>(kind: K) =>
  (type: BtfType): type is BtfTypeOf<K> =>
    type.kind === kind

/** In order: the first that applies is used. */
const rules: readonly Rule[] = [
  // One byte, because as a member of its section the variable must not reach past the section's end.
  rule('datasec', is('var'), 'becomes an int', type => ({ kind: 'int', name: type.name, size: 1 })),
  rule('declTag', is('declTag'), 'becomes an int', type => ({ kind: 'int', name: type.name, size: 1 })),
  rule('datasec', is('datasec'), 'becomes a struct', (type, btf) => ({
    kind: 'struct',
    name: identifier(type.name),
    size: type.size,
    members: type.variables.map(({ type, offset }) => ({ name: identifier(btf.nameOf(type)), type, bitOffset: offset * 8, bitSize: 0 })),
  })),
  rule(
    'questionMarkDatasec',
    (type): type is BtfTypeOf<'datasec'> => type.kind === 'datasec' && type.name.startsWith('?'),
    'loses its question mark',
    type => ({ ...type, name: `_${type.name.slice(1)}` }),
  ),
  // Without enumerators: parameters of function pointers have no names, which enumerators must have.
  rule('func', is('funcProto'), 'becomes an enum', () => ({ kind: 'enum', size: 4, signed: false, values: [] })),
  rule('func', is('func'), 'becomes a typedef', type => ({ kind: 'typedef', name: type.name, type: type.type })),
  rule(
    'globalFunc',
    (type): type is BtfTypeOf<'func'> => type.kind === 'func' && type.linkage !== 'static',
    'becomes static',
    type => ({ ...type, linkage: 'static' }),
  ),
  // Anonymous, because a type name like "float" is none that a struct can have.
  rule('float', is('float'), 'becomes an empty struct', type => ({ kind: 'struct', size: type.size, members: [] })),
  rule('typeTag', is('typeTag'), 'becomes const', type => ({ kind: 'const', type: type.type })),
  rule(
    'enum64',
    (type): type is BtfTypeOf<'enum'> => type.kind === 'enum' && type.signed,
    'loses its sign flag',
    type => ({ ...type, signed: false }),
  ),
  rule('enum64', is('enum64'), 'becomes a union', (type, _, placeholder) => ({
    kind: 'union',
    name: type.name,
    size: type.size,
    members: type.values.map(({ name }) => ({ name, type: placeholder, bitOffset: 0, bitSize: 0 })),
  })),
]

const identifier = (name: string): string => name.replace(/[^A-Za-z0-9_]/g, '_')
