import { bitfieldOf } from './bitfield'
import { CPrinter } from './c-print'
import { BtfError } from './errors'
import { maxDepth, resolve, tooDeep } from './resolve'
import { alignOf, sizeOrZero } from './size'
import type { Btf, CompositeType, Member, TypeId } from './types'

/** One line of a layout: a member, or bytes that none uses. */
export type LayoutRow = LayoutMember | LayoutGap

export interface LayoutMember {
  readonly kind: 'member'
  /** Nesting in anonymous structs and unions; 0 for members of the type itself. */
  readonly depth: number
  readonly name: string
  readonly type: TypeId
  /** The declaration in C: `struct list_head tasks`, `unsigned int flags:3`. */
  readonly declaration: string
  /** From the start of the outermost type, in bytes; of a bitfield, that of its storage unit. */
  readonly offset: number
  /** In bytes; of a bitfield, that of its storage unit. */
  readonly size: number
  /** Of a bitfield: first bit within the storage unit (counted as the byte order has it) and width. */
  readonly bits: { readonly offset: number; readonly size: number } | undefined
}

export interface LayoutGap {
  /** `hole` before a member, `padding` behind the last. */
  readonly kind: 'hole' | 'padding'
  readonly depth: number
  readonly bitOffset: number
  readonly bitSize: number
}

export interface Layout {
  readonly kind: 'struct' | 'union'
  readonly name: string
  readonly type: TypeId
  /** In bytes. */
  readonly size: number
  /** In bytes, as `alignOf` tells it. */
  readonly alignment: number
  /** In memory order; what an anonymous struct or union holds follows it, one deeper. */
  readonly rows: readonly LayoutRow[]
}

/** Most rows besides the type's own members: anonymous structs nested in each other can multiply without end. */
const mostNested = 8_192

/** The layout of a struct or union, typedefs and qualifiers skipped. @throws BtfError if the type is neither. */
export function layoutOf(btf: Btf, id: number): Layout {
  const type = resolve(btf, id)
  if (type.kind !== 'struct' && type.kind !== 'union') {
    throw new BtfError(`type ${id} (${type.kind}${type.name === '' ? '' : ` ${type.name}`}) has no layout: it is no struct or union`, {
      code: 'ERR_BPF_BTF_NO_SIZE',
      typeId: id,
    })
  }
  const rows: LayoutRow[] = []
  addRows(btf, type, 0, 0, { rows, most: mostNested + 2 * type.members.length, printer: new CPrinter(btf) })
  return { kind: type.kind, name: type.name, type: type.id, size: type.size, alignment: alignOf(btf, type.id), rows }
}

interface Result {
  readonly rows: LayoutRow[]
  readonly most: number
  readonly printer: CPrinter
}

function addRows(btf: Btf, type: CompositeType, bitBase: number, depth: number, result: Result): void {
  const { rows, most, printer } = result
  if (depth > maxDepth) throw tooDeep(type.id)
  if (rows.length + type.members.length > most) throw new BtfError(`layout has more than ${most} rows`, { typeId: type.id })
  let end = 0
  for (const member of type.members) {
    const row = memberRow(btf, member, bitBase, depth, printer)
    const { bitOffset, bitSize } = bitfieldOf(btf, member) ?? { bitOffset: member.bitOffset, bitSize: row.size * 8 }
    if (type.kind === 'struct' && bitOffset > end) rows.push(gap('hole', bitBase + end, bitOffset - end, depth))
    rows.push(row)
    const inner = resolve(btf, member.type)
    if (member.name === '' && (inner.kind === 'struct' || inner.kind === 'union')) {
      addRows(btf, inner, bitBase + member.bitOffset, depth + 1, result)
    }
    end = Math.max(end, bitOffset + bitSize)
  }
  if (type.size * 8 > end) rows.push(gap('padding', bitBase + end, type.size * 8 - end, depth))
}

function gap(kind: LayoutGap['kind'], bitOffset: number, bitSize: number, depth: number): LayoutGap {
  return { kind, bitOffset, bitSize, depth }
}

function memberRow(btf: Btf, member: Member, bitBase: number, depth: number, printer: CPrinter): LayoutMember {
  const { name, type } = member
  const size = sizeOrZero(btf, type)
  const bitfield = bitfieldOf(btf, member)
  if (bitfield === undefined) {
    const offset = Math.floor((bitBase + member.bitOffset) / 8)
    return { kind: 'member', depth, name, type, declaration: printer.declaration(type, name), offset, size, bits: undefined }
  }
  const first = bitBase + bitfield.bitOffset
  const unit = Math.max(1, size) * 8
  const offset = Math.floor(first / unit) * unit
  const text = `${printer.declaration(type, name)}:${bitfield.bitSize}`
  return {
    kind: 'member',
    depth,
    name,
    type,
    declaration: text,
    offset: offset / 8,
    size,
    bits: { offset: first - offset, size: bitfield.bitSize },
  }
}
