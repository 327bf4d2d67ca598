import type { TypeInput } from './type-input'
import type { BtfType, TypeId } from './types'

type AnyType = BtfType | TypeInput
type IdMap = (id: TypeId) => TypeId
type Mapper = (type: never, map: IdMap) => object

/** What each kind refers to; kinds that are not here refer to nothing. */
const mappers: Readonly<Record<string, Mapper>> = {
  ptr: mapType,
  typedef: mapType,
  volatile: mapType,
  const: mapType,
  restrict: mapType,
  typeTag: mapType,
  func: mapType,
  var: mapType,
  declTag: mapType,
  array: (type: { type: TypeId; indexType: TypeId }, map) => ({ type: map(type.type), indexType: map(type.indexType) }),
  struct: mapMembers,
  union: mapMembers,
  funcProto: (type: { returnType: TypeId; params: readonly { type: TypeId }[] }, map) => ({
    returnType: map(type.returnType),
    params: type.params.map(param => ({ ...param, type: map(param.type) })),
  }),
  datasec: (type: { variables: readonly { type: TypeId }[] }, map) => ({
    variables: type.variables.map(variable => ({ ...variable, type: map(variable.type) })),
  }),
}

function mapType(type: { type: TypeId }, map: IdMap): object {
  return { type: map(type.type) }
}

function mapMembers(type: { members: readonly { type: TypeId }[] }, map: IdMap): object {
  return { members: type.members.map(member => ({ ...member, type: map(member.type) })) }
}

/** The type with every id it refers to (not its own) replaced. */
export function mapReferences<T extends AnyType>(type: T, map: IdMap): T {
  const mapper = mappers[type.kind]
  return mapper === undefined ? type : { ...type, ...mapper(type as never, map) }
}

/** The ids that a type refers to, in the order of its record, repeated as there. */
export function referencesOf(type: AnyType): TypeId[] {
  const ids: TypeId[] = []
  mapReferences(type, id => {
    ids.push(id)
    return id
  })
  return ids
}
