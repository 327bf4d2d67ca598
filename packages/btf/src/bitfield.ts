import { resolve } from './resolve'
import type { Btf, Member } from './types'

/** Where the bits of a member are, from the start of the struct. */
export interface BitRange {
  readonly bitOffset: number
  readonly bitSize: number
}

/**
 * The bits of a member that is a bitfield, or undefined. Compilers before 2019 put offset and width of a bitfield into an
 * int type of its own, later ones into the member; both are understood.
 */
export function bitfieldOf(btf: Btf, member: Member): BitRange | undefined {
  if (member.bitSize !== 0) return { bitOffset: member.bitOffset, bitSize: member.bitSize }
  const type = resolve(btf, member.type)
  if (type.kind === 'int' && (type.bitOffset !== 0 || type.bits !== type.size * 8)) {
    return { bitOffset: member.bitOffset + type.bitOffset, bitSize: type.bits }
  }
  return undefined
}
