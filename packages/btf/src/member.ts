import { nearNames } from '@bpf/bytes'
import { type BitRange, bitfieldOf } from './bitfield'
import { BtfError } from './errors'
import { maxDepth, resolve, tooDeep } from './resolve'
import { sizeOf, sizeOrZero } from './size'
import type { Btf, CompositeType, Member, TypeId } from './types'

/** A place inside a type. */
export interface MemberLocation {
  /** As asked for: `sk.__sk_common.skc_dport`. */
  readonly path: string
  /** From the start of the outermost type, in bytes; of a bitfield, the byte of its first bit counted in memory order. */
  readonly offset: number
  /** In bits from the start of the outermost type. */
  readonly bitOffset: number
  /** Width in bits if it is a bitfield. */
  readonly bitSize: number | undefined
  /** Size of its type in bytes; 0 if it has none. */
  readonly size: number
  readonly type: TypeId
}

/**
 * Finds a member by its path: `a.b`, `a[2].b`, through anonymous structs and unions as in C. Pointers are not followed.
 *
 * @throws BtfError `ERR_BPF_BTF_NO_MEMBER` where there is none, naming near ones
 */
export function memberAt(btf: Btf, id: number, path: string): MemberLocation {
  let type = id as TypeId
  let bitOffset = 0
  let bitfield: BitRange | undefined
  for (const step of parsePath(path)) {
    if (typeof step === 'number') {
      const array = resolve(btf, type)
      if (array.kind !== 'array') throw noMember(`${path}: [${step}] of what is no array`, type)
      bitOffset += step * sizeOf(btf, array.type) * 8
      type = array.type
      bitfield = undefined
      continue
    }
    const found = findMember(btf, type, step, new Set())
    if (found === undefined) throw unknownMember(btf, type, step, path)
    bitfield = bitfieldOf(btf, found.member)
    bitOffset += found.bitBase + (bitfield?.bitOffset ?? found.member.bitOffset)
    type = found.member.type
  }
  return { path, offset: Math.floor(bitOffset / 8), bitOffset, bitSize: bitfield?.bitSize, size: sizeOrZero(btf, type), type }
}

/** `a.b[2]` → `a`, `b`, 2. */
function parsePath(path: string): (string | number)[] {
  if (!/^[\w$]+(\[\d+\])*(\.[\w$]+(\[\d+\])*)*$/.test(path)) throw noMember(`"${path}" is not a member path such as a.b[2].c`)
  return Array.from(path.matchAll(/[\w$]+/g), ([step], index) => (index > 0 && /^\d+$/.test(step) ? Number(step) : step))
}

/** The member of that name, in the type itself or in the anonymous structs and unions inside, with the offset of what holds it. */
function findMember(btf: Btf, id: number, name: string, searched: Set<number>): { member: Member; bitBase: number } | undefined {
  const type = resolve(btf, id)
  if (!isComposite(type) || searched.has(type.id)) return undefined
  if (searched.size > maxDepth) throw tooDeep(id)
  searched.add(type.id)
  const member = type.members.find(candidate => candidate.name === name)
  if (member !== undefined) return { member, bitBase: 0 }
  for (const anonymous of type.members) {
    if (anonymous.name !== '') continue
    const found = findMember(btf, anonymous.type, name, searched)
    if (found !== undefined) return { member: found.member, bitBase: found.bitBase + anonymous.bitOffset }
  }
  return undefined
}

function isComposite(type: { readonly kind: string }): type is CompositeType {
  return type.kind === 'struct' || type.kind === 'union'
}

function unknownMember(btf: Btf, id: number, name: string, path: string): BtfError {
  const type = resolve(btf, id)
  const what = `${type.kind}${type.name === '' ? '' : ` ${type.name}`}`
  if (!isComposite(type)) return noMember(`${path}: ${what} has no members`, id)
  const near = nearNames(
    name,
    type.members.map(member => member.name).filter(known => known !== ''),
  )
  return noMember(`${path}: ${what} has no member "${name}"`, id, near.length > 0 ? `did you mean ${near.join(', ')}?` : undefined)
}

function noMember(message: string, typeId?: number, hint?: string): BtfError {
  return new BtfError(message, {
    code: 'ERR_BPF_BTF_NO_MEMBER',
    ...(typeId !== undefined && { typeId }),
    ...(hint !== undefined && { hint }),
  })
}

/**
 * The path of what lies at a byte offset inside a type: `pid`, `rlim[2].rlim_max`; the first member where several overlap. Undefined
 * where there is only padding.
 */
export function pathAt(btf: Btf, id: number, offset: number): string | undefined {
  let path = ''
  let type = id
  let rest = offset * 8
  for (let depth = 0; depth < maxDepth; depth++) {
    const resolved = resolve(btf, type)
    if (resolved.kind === 'array') {
      const size = sizeOrZero(btf, resolved.type) * 8
      const index = size === 0 ? 0 : Math.floor(rest / size)
      path += `[${index}]`
      rest -= index * size
      type = resolved.type
    } else if (isComposite(resolved)) {
      const member = resolved.members.find(candidate => covers(btf, candidate, rest))
      if (member === undefined) return undefined
      if (member.name !== '') path += path === '' ? member.name : `.${member.name}`
      rest -= member.bitOffset
      type = member.type
    } else {
      return path
    }
  }
  throw tooDeep(id)
}

/** Whether any bit of a member is in the byte that begins at `bit`. */
function covers(btf: Btf, member: Member, bit: number): boolean {
  const range = bitfieldOf(btf, member) ?? { bitOffset: member.bitOffset, bitSize: sizeOrZero(btf, member.type) * 8 }
  return range.bitOffset < bit + 8 && range.bitOffset + range.bitSize > bit
}
