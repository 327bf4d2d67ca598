import { groupBy } from '@bpf/bytes'
import { kindName } from './kinds'
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
  const replaced = new Map<number, TypeInput>()
  const changes: string[] = []
  const placeholder = btf.endId as TypeId
  for (let id = btf.startId; id < btf.endId; id++) {
    const candidates = rulesByKind.get(kindName(btf.kindOf(id)))
    if (candidates === undefined) continue
    const type = btf.type(id)
    // Only features that matter are asked for: each may take a probe.
    const rule = candidates.find(rule => rule.applies(type) && !features[rule.without])
    if (rule === undefined) continue
    replaced.set(id, rule.replace(type, btf, placeholder))
    changes.push(`type ${id} ${type.kind}${type.name === '' ? '' : ` "${type.name}"`} ${rule.effect}`)
  }
  if (sectionsOf(btf).layout !== undefined && !features.layout) changes.push('the table of record sizes is cut')
  if (changes.length === 0) return { bytes: btf.bytes, changes }
  const used = [...replaced.values()].some(type => referencesOf(type).includes(placeholder))
  const append: TypeInput[] = used ? [{ kind: 'int', name: 'enum64_placeholder', size: 1 }] : []
  return { bytes: rewriteBtf(btf, replaced, { append, layout: features.layout }), changes }
}

interface Rule {
  /** The feature in whose absence the rule holds. */
  readonly without: keyof BtfFeatures
  readonly kind: BtfType['kind']
  readonly effect: string
  applies(type: BtfType): boolean
  /** @param placeholder id of an int of one byte */
  replace(type: BtfType, btf: Btf, placeholder: TypeId): TypeInput
}

/** A rule for types of a kind, or for some of them. */
function rule<K extends BtfType['kind']>(
  without: keyof BtfFeatures,
  kind: K,
  effect: string,
  replace: (type: BtfTypeOf<K>, btf: Btf, placeholder: TypeId) => TypeInput,
  applies: (type: BtfTypeOf<K>) => boolean = () => true,
): Rule {
  return {
    without,
    kind,
    effect,
    applies: type => applies(type as BtfTypeOf<K>),
    replace: (type, btf, placeholder) => replace(type as BtfTypeOf<K>, btf, placeholder),
  }
}

/** In order: the first that applies is used. */
const rules: readonly Rule[] = [
  // One byte, because as a member of its section the variable must not reach past the section's end.
  rule('datasec', 'var', 'becomes an int', type => ({ kind: 'int', name: type.name, size: 1 })),
  rule('declTag', 'declTag', 'becomes an int', type => ({ kind: 'int', name: type.name, size: 1 })),
  rule('datasec', 'datasec', 'becomes a struct', (type, btf) => ({
    kind: 'struct',
    name: identifier(type.name),
    size: type.size,
    members: type.variables.map(({ type, offset }) => ({ name: identifier(btf.nameOf(type)), type, bitOffset: offset * 8, bitSize: 0 })),
  })),
  rule(
    'questionMarkDatasec',
    'datasec',
    'loses its question mark',
    type => ({ ...type, name: `_${type.name.slice(1)}` }),
    type => type.name.startsWith('?'),
  ),
  // Without enumerators: parameters of function pointers have no names, which enumerators must have.
  rule('func', 'funcProto', 'becomes an enum', () => ({ kind: 'enum', size: 4, signed: false, values: [] })),
  rule('func', 'func', 'becomes a typedef', type => ({ kind: 'typedef', name: type.name, type: type.type })),
  rule(
    'globalFunc',
    'func',
    'becomes static',
    type => ({ ...type, linkage: 'static' }),
    type => type.linkage !== 'static',
  ),
  // Anonymous, because a type name like "float" is none that a struct can have.
  rule('float', 'float', 'becomes an empty struct', type => ({ kind: 'struct', size: type.size, members: [] })),
  rule('typeTag', 'typeTag', 'becomes const', type => ({ kind: 'const', type: type.type })),
  rule(
    'enum64',
    'enum',
    'loses its sign flag',
    type => ({ ...type, signed: false }),
    type => type.signed,
  ),
  rule('enum64', 'enum64', 'becomes a union', (type, _, placeholder) => ({
    kind: 'union',
    name: type.name,
    size: type.size,
    members: type.values.map(({ name }) => ({ name, type: placeholder, bitOffset: 0, bitSize: 0 })),
  })),
]

const rulesByKind = /* @__PURE__ */ groupBy(rules, ({ kind }) => kind)

const identifier = (name: string): string => name.replace(/[^A-Za-z0-9_]/g, '_')
