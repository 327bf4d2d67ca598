import { BtfBuildError } from './build-error'
import { BtfBuilder } from './builder'
import { parseBtf } from './parse'
import { mapReferences, referencesOf } from './references'
import type { TypeInput } from './type-input'
import type { Btf, BtfType, TypeId } from './types'

export interface DistilledBtf {
  /** The base reduced to what identifies its types: the contents of a `.BTF.base` section. */
  readonly base: Uint8Array
  /** The types on top of that base. */
  readonly split: Uint8Array
}

/**
 * Makes split BTF independent of the exact base it was built on, so that a kernel module survives a rebuild of the kernel. Of the
 * base there remain names and sizes of the types that are used; `relocateBtf` finds them again in another base. Types without a
 * name that could be looked for move into the split part, behind its own.
 *
 * @throws BtfError if a type cannot be read, BtfBuildError if the BTF is not split or refers to what cannot be found again.
 */
export function distilBtf(btf: Btf): DistilledBtf {
  if (btf.base === undefined) throw new BtfBuildError('only split BTF can be distilled: this has no base')
  const newIds = new Map<number, TypeId>()
  const base = new BtfBuilder({ littleEndian: btf.littleEndian })
  const moving: BtfType[] = []
  for (const type of usedOfBase(btf)) {
    const identified = identity(type)
    if (identified === undefined) moving.push(type)
    else newIds.set(type.id, base.add(identified))
  }
  const baseBytes = base.toBytes()
  const split = new BtfBuilder({ base: parseBtf(baseBytes) })
  const own = Array.from({ length: btf.endId - btf.startId }, (_, index) => btf.type(btf.startId + index))
  for (const { id } of [...own, ...moving]) newIds.set(id, split.reserve())
  const newId = (id: TypeId): TypeId => newIds.get(id) ?? (0 as TypeId)
  for (const type of [...own, ...moving]) {
    if (type.kind === 'void' || type.kind === 'unknown') throw new BtfBuildError('of an unknown kind', type.id)
    split.set(newId(type.id), mapReferences(type, newId))
  }
  return { base: baseBytes, split: split.toBytes() }
}

/** Types of the base that the split part needs, in id order. Behind a name nothing is needed: that is what is looked for. */
function usedOfBase(btf: Btf): BtfType[] {
  const used = new Map<number, BtfType>()
  const pending: TypeId[] = []
  for (let id = btf.startId; id < btf.endId; id++) pending.push(...referencesOf(btf.type(id)))
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    if (id === 0 || id >= btf.startId || used.has(id)) continue
    const type = btf.type(id)
    used.set(id, type)
    if (identity(type) === undefined) pending.push(...referencesOf(type))
  }
  return [...used.values()].sort((a, b) => a.id - b.id)
}

/** What is left of a type in a distilled base; undefined if it has to be part of the split BTF. */
function identity(type: BtfType): TypeInput | undefined {
  switch (type.kind) {
    case 'int':
    case 'float':
    case 'fwd':
      return type
    case 'struct':
    case 'union':
      return type.name === '' ? undefined : { ...type, members: [] }
    case 'enum':
    case 'enum64':
      return type.name === '' ? undefined : { kind: 'enum', name: type.name, size: type.size, signed: false, values: [] }
    case 'func':
    case 'var':
    case 'datasec':
    case 'declTag':
    case 'unknown':
      throw new BtfBuildError(`${type.kind} "${type.name}" of the base cannot be referred to by distilled BTF`, type.id)
    default:
      return undefined
  }
}
