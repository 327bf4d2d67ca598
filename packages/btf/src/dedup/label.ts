import type { BtfType } from '../types'

/** All that a type says by itself, without the types it refers to: equal for types that may turn out to be the same. */
export function labelOf(type: BtfType): string {
  return JSON.stringify([type.kind, type.name, ...detailsOf(type)])
}

function detailsOf(type: BtfType): readonly unknown[] {
  switch (type.kind) {
    case 'int':
      return [type.size, type.encoding, type.bitOffset, type.bits]
    case 'array':
      return [type.length]
    case 'struct':
    case 'union':
      return [type.size, type.members.map(({ name, bitOffset, bitSize }) => [name, bitOffset, bitSize])]
    case 'enum':
    case 'enum64':
      return [type.size, type.signed, type.values.map(({ name, value }) => [name, `${value}`])]
    case 'fwd':
      return [type.of]
    case 'typeTag':
      return [type.attribute === true]
    case 'func':
      return [type.linkage]
    case 'funcProto':
      return [type.params.map(param => param.name)]
    case 'float':
      return [type.size]
    case 'declTag':
      return [type.componentIndex, type.attribute === true]
    // Two variables of one name are two places in memory, and a section is made of places.
    case 'var':
    case 'datasec':
    case 'unknown':
      return [type.id]
    default:
      return []
  }
}
