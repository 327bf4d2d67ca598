import type { TypeInput } from '../type-input'
import type { Btf } from '../types'

/** The types of a blob by id, as what they would be written from; those of unknown kinds cannot be written. */
export function everyType(btf: Btf): Map<number, TypeInput> {
  const types = new Map<number, TypeInput>()
  for (let id = btf.startId; id < btf.endId; id++) {
    const type = btf.type(id)
    if (type.kind !== 'void' && type.kind !== 'unknown') types.set(id, type)
  }
  return types
}
