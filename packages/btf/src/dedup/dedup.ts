import { BtfBuildError } from '../build-error'
import { BtfBuilder } from '../builder'
import { mapBtfExt } from '../ext-encode'
import { mapReferences } from '../references'
import type { Btf, BtfExt, TypeId } from '../types'
import { type Grouping, groupCompleting } from './forwards'

export interface DedupedBtf {
  /** The types that remain, in the order in which they first appeared. More can be added before `toBytes`. */
  readonly builder: BtfBuilder
  /** What became of a type: its new id; ids of the base stay. */
  typeId(id: TypeId): TypeId
  /** The `.BTF.ext` given, for the new ids and strings; then `encodeBtfExt(ext, builder)`. */
  readonly ext: BtfExt | undefined
}

/**
 * Leaves one of each type, as after putting together the BTF of several compilation units.
 *
 * Types are the same when nothing that can be reached from them differs. A forward declaration is the struct or union of its name
 * where there is only one, or where that makes types equal that use it; an enum without values is the enum of its name.
 * Variables and sections are never merged. In split BTF, types of the base are found, and never changed.
 *
 * @throws BtfError if a type cannot be read, BtfBuildError for unknown kinds.
 */
export function dedupBtf(btf: Btf, options: { readonly ext?: BtfExt | undefined } = {}): DedupedBtf {
  const types = Array.from({ length: btf.endId }, (_, id) => btf.type(id))
  const first = firstOfEach(groupCompleting(types, btf.startId))
  const builder = new BtfBuilder({ base: btf.base, littleEndian: btf.littleEndian })
  const newIds = new Map<number, TypeId>()
  const typeId = (id: TypeId): TypeId => {
    const one = first[id] ?? 0
    return one < btf.startId ? (one as TypeId) : (newIds.get(one) ?? id)
  }
  const kept = types.filter(({ id }) => id >= btf.startId && first[id] === id)
  for (const { id } of kept) newIds.set(id, builder.reserve())
  for (const type of kept) {
    if (type.kind === 'void' || type.kind === 'unknown') throw new BtfBuildError('of an unknown kind', type.id)
    builder.set(typeId(type.id), mapReferences(type, typeId))
  }
  const { ext } = options
  return { builder, typeId, ext: ext && mapBtfExt(ext, typeId, offset => builder.string(btf.string(offset))) }
}

/** Per type, the first of its group that is no forward declaration of another. */
function firstOfEach({ groups, stands }: Grouping): readonly number[] {
  const firsts = new Map<number, number>()
  for (const [id, group] of groups.entries()) if (stands[id] === id && !firsts.has(group)) firsts.set(group, id)
  return Array.from(groups, group => firsts.get(group) ?? 0)
}
