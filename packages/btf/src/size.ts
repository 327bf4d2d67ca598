import { bitfieldOf } from './bitfield'
import { BtfError } from './errors'
import { maxDepth, tooDeep } from './resolve'
import type { Btf, BtfType, CompositeType } from './types'

/** Sizes are 32 bits wide in BTF and in the kernel. */
const largestSize = 0xffff_ffff

/**
 * Size in bytes of a value of the type; of a variable or data section, of what it holds.
 *
 * @throws BtfError for types without a size (`ERR_BPF_BTF_NO_SIZE`: void, functions, forward declarations, arrays past
 * 4 GiB) and for types that contain themselves
 */
export function sizeOf(btf: Btf, id: number): number {
  let count = 1
  let next = id
  for (let depth = 0; depth < maxDepth; depth++) {
    const type = btf.type(next)
    switch (type.kind) {
      case 'int':
      case 'float':
      case 'enum':
      case 'enum64':
      case 'struct':
      case 'union':
      case 'datasec':
        return total(type, count, type.size)
      case 'ptr':
        return total(type, count, btf.pointerSize)
      case 'array':
        count *= type.length
        next = type.type
        break
      case 'typedef':
      case 'const':
      case 'volatile':
      case 'restrict':
      case 'typeTag':
      case 'var':
      case 'declTag':
        next = type.type
        break
      default:
        throw noSize(type, `${type.kind} has no size`)
    }
  }
  throw tooDeep(id)
}

/** `sizeOf`, or 0 for what has no size: what a C compiler reserves for such a member. */
export function sizeOrZero(btf: Btf, id: number): number {
  try {
    return sizeOf(btf, id)
  } catch (error) {
    if (error instanceof BtfError && error.code === 'ERR_BPF_BTF_NO_SIZE') return 0
    throw error
  }
}

function total(type: BtfType, count: number, size: number): number {
  if (count * size > largestSize) throw noSize(type, `array of ${count} elements of ${size} bytes is larger than 4 GiB`)
  return count * size
}

function noSize(type: BtfType, message: string): BtfError {
  return new BtfError(`type ${type.id}${type.name === '' ? '' : ` (${type.name})`}: ${message}`, {
    code: 'ERR_BPF_BTF_NO_SIZE',
    typeId: type.id,
  })
}

/** Alignments already found, by id; 0 while one is being worked out. */
export type AlignmentCache = Map<number, number>

/**
 * Alignment of the type in bytes, as far as its layout tells: BTF does not record attributes. A struct whose members or
 * size are not naturally aligned counts as packed, 1. What has no size has alignment 1.
 *
 * @param cache pass the same one to ask about many types
 * @throws BtfError if the type contains itself
 */
export function alignOf(btf: Btf, id: number, cache: AlignmentCache = new Map()): number {
  return alignment(btf, id, cache, 0)
}

function alignment(btf: Btf, id: number, cache: AlignmentCache, depth: number): number {
  if (depth > maxDepth) throw tooDeep(id)
  const type = btf.type(id)
  switch (type.kind) {
    case 'int':
    case 'float':
    case 'enum':
    case 'enum64':
      return scalarAlignment(btf, type.size)
    case 'ptr':
      return btf.pointerSize
    case 'array':
    case 'typedef':
    case 'const':
    case 'volatile':
    case 'restrict':
    case 'typeTag':
    case 'var':
    case 'declTag':
      return alignment(btf, type.type, cache, depth + 1)
    case 'struct':
    case 'union': {
      const known = cache.get(id)
      if (known === 0) throw tooDeep(id)
      if (known !== undefined) return known
      cache.set(id, 0)
      const natural = compositeAlignment(btf, type, member => alignment(btf, member, cache, depth + 1))
      cache.set(id, natural)
      return natural
    }
    default:
      return 1
  }
}

/** Scalars are aligned to their size; on 64-bit machines 16-byte ones too, on 32-bit ones nothing to more than a pointer. */
function scalarAlignment(btf: Btf, size: number): number {
  const most = btf.pointerSize === 8 ? 16 : 4
  return Math.max(1, Math.min(size, most))
}

function compositeAlignment(btf: Btf, type: CompositeType, alignmentOf: (id: number) => number): number {
  const { alignment: natural, packed } = naturalLayout(btf, type, alignmentOf)
  return packed ? 1 : natural
}

/** What the members ask for, and whether the type disregards it: a member or the size is off, so it must have been packed. */
export function naturalLayout(
  btf: Btf,
  type: CompositeType,
  alignmentOf: (id: number) => number,
): { readonly alignment: number; readonly packed: boolean } {
  let largest = 1
  let packed = false
  for (const member of type.members) {
    const own = alignmentOf(member.type)
    largest = Math.max(largest, own)
    const bitfield = bitfieldOf(btf, member)
    packed ||=
      bitfield === undefined
        ? member.bitOffset % (own * 8) !== 0
        : crossesUnit(bitfield.bitOffset, bitfield.bitSize, sizeOrZero(btf, member.type) * 8)
  }
  return { alignment: largest, packed: packed || type.size % largest !== 0 }
}

/** Whether a bitfield spans two storage units of its type, which only packed structs allow. */
export function crossesUnit(bitOffset: number, bitSize: number, unitBits: number): boolean {
  return unitBits > 0 && Math.floor(bitOffset / unitBits) !== Math.floor((bitOffset + bitSize - 1) / unitBits)
}
