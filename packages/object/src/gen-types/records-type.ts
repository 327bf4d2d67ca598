import { type Btf, quoteTypescript, type TypeId, type TypescriptTypes, typescriptMember } from '@bpf/btf'
import { recordTypeOf, recordVariants } from '../record-type'
import type { MapSpec } from '../spec'

/**
 * What the records of an event buffer are: the declared type, or one of several that their first member tells apart, so that
 * comparing it narrows the type. Undefined when none is known.
 */
export function recordsType(btf: Btf, map: MapSpec, types: TypescriptTypes): string | undefined {
  const type = recordTypeOf(btf, map)
  const variants = type === undefined ? undefined : recordVariants(btf, type)
  if (type === undefined || variants === undefined) return type && types.valueOf(type)?.type
  const tag = btf.type(variants.tag)
  const names = new Map(tag.kind === 'enum' ? tag.values.map(({ name, value }) => [BigInt(value), name]) : [])
  const members = [...variants.types].map(([value, variant]) => variantType(btf, variant, names.get(value), types))
  return members.every(member => member !== undefined) ? members.join(' | ') : undefined
}

function variantType(btf: Btf, id: TypeId, tagName: string | undefined, types: TypescriptTypes): string | undefined {
  const type = btf.type(id)
  const member = type.kind === 'struct' ? type.members[0]?.name : undefined
  const value = types.valueOf(id)
  if (value === undefined || member === undefined || tagName === undefined) return value?.type
  return `(${value.type} & { readonly ${typescriptMember(member)}: ${quoteTypescript(tagName)} })`
}
