import { bitfieldOf } from './bitfield'
import { paddingBetween } from './c-padding'
import { type AlignmentCache, alignOf, crossesUnit, naturalLayout, sizeOrZero } from './size'
import type { Btf, CompositeType, Member } from './types'

/** What stands between the braces, in order. */
export type PlacedItem =
  | { readonly kind: 'member'; readonly member: Member; readonly bitSize: number | undefined }
  /** A line that keeps room free. */
  | { readonly kind: 'padding'; readonly text: string }

export interface PlacedMembers {
  readonly packed: boolean
  readonly items: readonly PlacedItem[]
}

/**
 * What to write so that a C compiler puts each member where BTF says it is: whether the type has to be packed, and explicit
 * padding wherever natural alignment does not lead to the same place.
 */
export function placeMembers(btf: Btf, type: CompositeType, alignments: AlignmentCache): PlacedMembers {
  const alignmentOf = (id: number): number => alignOf(btf, id, alignments)
  const { alignment, packed } = naturalLayout(btf, type, alignmentOf)
  const places = type.members.map(member => placeOf(btf, member, packed ? 1 : alignmentOf(member.type)))
  const sizes = { size: type.size * 8, alignment: (packed ? 1 : alignment) * 8 }
  return { packed, items: type.kind === 'struct' ? structItems(places, packed, sizes) : unionItems(places, sizes) }
}

/** A member and where it goes; all in bits. */
interface Place {
  readonly member: Member
  readonly offset: number
  readonly size: number
  readonly alignment: number
  /** Of a bitfield, the width of its storage unit. */
  readonly unit: number | undefined
}

function placeOf(btf: Btf, member: Member, alignment: number): Place {
  const size = sizeOrZero(btf, member.type) * 8
  const bitfield = bitfieldOf(btf, member)
  if (bitfield === undefined) return { member, offset: member.bitOffset, size, alignment: alignment * 8, unit: undefined }
  return { member, offset: bitfield.bitOffset, size: bitfield.bitSize, alignment: 1, unit: size }
}

interface Sizes {
  readonly size: number
  readonly alignment: number
}

function structItems(places: readonly Place[], packed: boolean, { size, alignment }: Sizes): PlacedItem[] {
  const items: PlacedItem[] = []
  const padTo = (from: number, to: number): void => {
    for (const text of paddingBetween(from, to)) items.push({ kind: 'padding', text })
  }
  let end = 0
  for (const place of places) {
    if (place.offset > end && place.offset !== naturalOffset(place, end, packed)) padTo(end, place.offset)
    items.push(memberItem(place))
    end = Math.max(end, place.offset + place.size)
  }
  if (size > end && size !== roundUp(end, alignment)) padTo(end, size)
  return items
}

/** Where a compiler puts a member that follows what ends at `end`. */
function naturalOffset({ size, alignment, unit }: Place, end: number, packed: boolean): number {
  if (unit === undefined) return roundUp(end, alignment)
  return !packed && crossesUnit(end, size, unit) ? roundUp(end, unit) : end
}

/** A union larger than its members gets an anonymous struct of nothing but padding: it adds size, and no alignment. */
function unionItems(places: readonly Place[], { size, alignment }: Sizes): PlacedItem[] {
  const items: PlacedItem[] = places.map(memberItem)
  const largest = places.reduce((most, place) => Math.max(most, place.size), 0)
  if (size > roundUp(largest, alignment)) {
    items.push({ kind: 'padding', text: `struct { ${paddingBetween(0, size).join(' ')} };` })
  }
  return items
}

function memberItem({ member, size, unit }: Place): PlacedItem {
  return { kind: 'member', member, bitSize: unit === undefined ? undefined : size }
}

const roundUp = (offset: number, multiple: number): number => Math.ceil(offset / multiple) * multiple
