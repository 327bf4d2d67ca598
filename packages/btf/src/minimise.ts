import { BtfBuildError } from './build-error'
import { BtfBuilder } from './builder'
import { BtfError } from './errors'
import { mapReferences, referencesOf } from './references'
import { maxDepth, resolve, tooDeep } from './resolve'
import type { Btf, BtfType, CompositeType, TypeId } from './types'

/** What an object's CO-RE relocations touch in a target's BTF. */
export interface BtfUses {
  /** Types whose existence, size or id is asked for, and enums whose values are: kept with what they consist of, structs without members. */
  readonly typeIds?: Iterable<number>
  /** Members that are accessed, by struct or union: kept with their types. Anonymous members on the way need not be named. */
  readonly members?: ReadonlyMap<number, Iterable<number>>
  /** Types that are compared as a whole: kept with all members. */
  readonly matched?: Iterable<number>
}

export interface MinimisedBtf {
  readonly bytes: Uint8Array
  /** The new id of a type, or undefined if it was left out. */
  typeId(id: number): TypeId | undefined
}

/**
 * BTF with no more in it than relocations need: a few kilobytes instead of a kernel's five megabytes, to be shipped beside an
 * object for kernels that have no BTF of their own. Offsets and sizes stay; references to what was left out become void. Split BTF
 * and its base become one blob.
 *
 * @throws BtfError if there is no such type or member.
 */
export function minimiseBtf(btf: Btf, uses: BtfUses): MinimisedBtf {
  const selection = new Selection(btf)
  for (const id of uses.typeIds ?? []) selection.add(id, 'named')
  for (const id of uses.matched ?? []) selection.add(id, 'whole')
  for (const [id, members] of uses.members ?? []) for (const member of members) selection.addMember(id, member)
  selection.addAnonymousMembers()
  return write(btf, selection)
}

/**
 * How much of what a type refers to is needed with it:
 * `plain` – for its size: up to structs and pointers;
 * `named` – for comparing names: also behind pointers, up to structs;
 * `whole` – for comparing members: structs with all of theirs, but behind pointers only by name;
 * `pointee` – what `whole` becomes behind a pointer.
 */
type Extent = 'plain' | 'named' | 'whole' | 'pointee'

/** The extent to which a type's references are needed; undefined for not at all. Arrays and functions end a pointer's reach. */
function extentWithin(type: BtfType, extent: Extent): Extent | undefined {
  if (type.kind === 'struct' || type.kind === 'union') return extent === 'whole' ? 'whole' : undefined
  if (type.kind === 'ptr') return { plain: undefined, named: 'named', whole: 'pointee', pointee: 'pointee' }[extent] as Extent | undefined
  if (extent === 'pointee' && (type.kind === 'array' || type.kind === 'funcProto')) return 'whole'
  return extent
}

class Selection {
  readonly #btf: Btf
  readonly #types = new Set<number>()
  readonly #members = new Map<number, Set<number>>()
  readonly #seen = new Set<string>()

  constructor(btf: Btf) {
    this.#btf = btf
  }

  has(id: number): boolean {
    return this.#types.has(id)
  }

  hasMember(id: number, index: number): boolean {
    return this.#members.get(id)?.has(index) ?? false
  }

  add(id: number, extent: Extent): void {
    const pending: [number, Extent][] = [[id, extent]]
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const [id, extent] = next
      const key = `${extent} ${id}`
      if (id === 0 || this.#seen.has(key)) continue
      this.#seen.add(key)
      this.#types.add(id)
      const type = this.#btf.type(id)
      const within = extentWithin(type, extent)
      if (within === undefined) continue
      if ('members' in type) this.#members.set(id, new Set(type.members.keys()))
      for (const reference of referencesOf(type)) pending.push([reference, within])
    }
  }

  addMember(id: number, index: number): void {
    const type = this.#btf.type(id)
    const member = 'members' in type ? type.members[index] : undefined
    if (member === undefined) {
      throw new BtfError(`type ${id} (${type.kind} ${type.name}) has no member ${index}`, { code: 'ERR_BPF_BTF_NO_MEMBER', typeId: id })
    }
    this.add(id, 'plain')
    this.add(member.type, 'plain')
    const members = this.#members.get(id)
    if (members === undefined) this.#members.set(id, new Set([index]))
    else members.add(index)
  }

  /** Members of anonymous structs and unions are found by name through them. */
  addAnonymousMembers(): void {
    const known = new Map<number, boolean>()
    for (const id of [...this.#types]) {
      const type = this.#btf.type(id)
      if ('members' in type) this.#holdsMembers(type, known, 0)
    }
  }

  /** Whether members of this type, or of anonymous ones in it, are selected; if so, also selects the anonymous ones. */
  #holdsMembers(type: CompositeType, known: Map<number, boolean>, depth: number): boolean {
    const answer = known.get(type.id)
    if (answer !== undefined) return answer
    if (depth > maxDepth) throw tooDeep(type.id)
    known.set(type.id, this.#members.has(type.id))
    for (const [index, member] of type.members.entries()) {
      if (member.name !== '') continue
      const inner = resolve(this.#btf, member.type)
      if (!('members' in inner) || !this.#holdsMembers(inner, known, depth + 1)) continue
      this.addMember(type.id, index)
      known.set(type.id, true)
    }
    return known.get(type.id) ?? false
  }
}

function write(btf: Btf, selection: Selection): MinimisedBtf {
  const builder = new BtfBuilder({ littleEndian: btf.littleEndian })
  const newIds = new Map<number, TypeId>()
  for (let id = 1; id < btf.endId; id++) if (selection.has(id)) newIds.set(id, builder.reserve())
  for (const [id, newId] of newIds) {
    const type = btf.type(id)
    if (type.kind === 'void' || type.kind === 'unknown') throw new BtfBuildError('of an unknown kind', id)
    const thinned = 'members' in type ? { ...type, members: type.members.filter((_, index) => selection.hasMember(id, index)) } : type
    builder.set(
      newId,
      mapReferences(thinned, reference => newIds.get(reference) ?? (0 as TypeId)),
    )
  }
  return { bytes: builder.toBytes(), typeId: id => newIds.get(id) }
}
