import { resolve } from '@bpf/btf'
import { readMapAttributes } from '../read/map-attributes'
import type { MapSpec } from '../spec'
import { type TypeIn, typeDifference } from './same-type'

/**
 * Whether two objects define or declare the same map.
 *
 * @returns the first difference, in words; undefined if there is none
 * @throws ObjectError if one of the definitions is malformed
 */
export function mapDifference(name: string, a: TypeIn, b: TypeIn): string | undefined {
  const [one, other] = [definition(name, a), definition(name, b)]
  if (one === undefined || other === undefined) return 'it is no map definition in one of them'
  return specDifference(one, other, a, b)
}

function definition(name: string, { btf, id }: TypeIn): MapSpec | undefined {
  const variable = btf.type(id)
  const type = variable.kind === 'var' ? resolve(btf, variable.type) : undefined
  return type?.kind === 'struct' ? readMapAttributes(btf, name, type, false) : undefined
}

const numbers = ['type', 'keySize', 'valueSize', 'maxEntries', 'flags', 'numaNode', 'mapExtra', 'pinning'] as const

function specDifference(one: MapSpec, other: MapSpec, a: TypeIn, b: TypeIn): string | undefined {
  for (const field of numbers) if (one[field] !== other[field]) return `${field} is ${one[field]} or ${other[field]}`
  for (const field of ['keyTypeId', 'valueTypeId'] as const) {
    if ((one[field] === 0) !== (other[field] === 0)) return `${field === 'keyTypeId' ? 'key' : 'value'} has a type in one of them only`
    const found = one[field] === 0 ? undefined : typeDifference({ btf: a.btf, id: one[field] }, { btf: b.btf, id: other[field] })
    if (found !== undefined) return found
  }
  if (one.inner === undefined || other.inner === undefined) return one.inner === other.inner ? undefined : 'one of them has an inner map'
  return specDifference(one.inner, other.inner, a, b)
}
