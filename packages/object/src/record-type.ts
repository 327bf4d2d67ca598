import type { Btf, BtfType, ModifierType, TypeId } from '@bpf/btf'
import type { MapSpec } from './spec'

/** Deeper than any real chain of typedefs and qualifiers. */
const modifierLimit = 32

/**
 * The type of the records that a ring or perf buffer map carries, as its definition declares it. The kernel does not ask for
 * it, so it rides along in the value type, in one of three forms:
 *
 *     __type(value, struct event)                                  the type itself
 *     __type(value, struct event[])                                an array of unknown length: a value of size 0
 *     __type(value, union { u32 fd; struct event records[0]; })    behind what the kernel wants to see
 *
 * Undefined when the map declares none.
 */
function recordType(btf: Btf, valueType: TypeId | 0): TypeId | undefined {
  if (valueType === 0) return undefined
  const type = skipModifiers(btf, valueType)
  if (type.kind === 'struct') return type.id
  if (type.kind === 'array' && type.length === 0) return type.type
  if (type.kind !== 'union') return undefined
  const records = type.members.find(member => member.name === 'records')
  const array = records && skipModifiers(btf, records.type)
  return array?.kind === 'array' ? array.type : undefined
}

/** The type of the records that a map carries: what the caller said, see `setRecordType`, else what its definition declares. */
export function recordTypeOf(btf: Btf, { recordTypeId, valueTypeId }: Pick<MapSpec, 'recordTypeId' | 'valueTypeId'>): TypeId | undefined {
  return recordTypeId === 0 ? recordType(btf, valueTypeId) : recordTypeId
}

function skipModifiers(btf: Btf, id: TypeId): BtfType {
  let type = btf.type(id)
  for (let depth = 0; depth < modifierLimit && isModifier(type); depth++) type = btf.type(type.type)
  return type
}

const modifiers: ReadonlySet<string> = new Set<ModifierType['kind']>(['typedef', 'volatile', 'const', 'restrict', 'typeTag'])

function isModifier(type: BtfType): type is ModifierType {
  return modifiers.has(type.kind)
}

/** Records of several types in one buffer: a union whose members all begin with the same enum, in the order of its enumerators. */
export interface RecordVariants {
  /** The enum that every record begins with. */
  readonly tag: TypeId
  /** Value of the enum → type of the record. */
  readonly types: ReadonlyMap<bigint, TypeId>
}

/** Undefined if the records are of one type. */
export function recordVariants(btf: Btf, records: TypeId): RecordVariants | undefined {
  const union = skipModifiers(btf, records)
  if (union.kind !== 'union' || union.members.length === 0) return undefined
  const members = union.members.map(member => skipModifiers(btf, member.type))
  const tags = new Set(members.map(member => firstMember(btf, member)))
  const [tag] = tags
  if (tags.size !== 1 || tag?.kind !== 'enum' || tag.values.length !== members.length) return undefined
  return { tag: tag.id, types: new Map(tag.values.map(({ value }, index) => [BigInt(value), members[index]?.id ?? tag.id])) }
}

function firstMember(btf: Btf, type: BtfType): BtfType | undefined {
  const first = type.kind === 'struct' ? type.members[0] : undefined
  return first && skipModifiers(btf, first.type)
}
