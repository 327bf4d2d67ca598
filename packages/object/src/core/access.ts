import { type Btf, type BtfType, resolve } from '@bpf/btf'
import { BpfError } from '@bpf/bytes'
import { CoreError } from './core-error'
import { subjectOf } from './core-kind'
import { describeType, isComposite, isEnum, isFlexibleArray, sizeOfType } from './type-queries'

/** Longest access a record may have. */
export const MAX_ACCESS_LENGTH = 64

/** One step of a field access: a named member of `typeId`, or element `index` of an array whose element type is `typeId`. */
export interface Accessor {
  readonly typeId: number
  readonly index: number
  /** Undefined for array elements. Anonymous members make no step of their own. */
  readonly name: string | undefined
}

/** What a record asks for, in the terms of one BTF: the program's own, or a candidate of the target. */
export interface Access {
  readonly btf: Btf
  /** As the record has it, with typedefs. */
  readonly rootId: number
  /** Empty for types. The first is the index of pointer arithmetic, or the enumerator. */
  readonly steps: readonly Accessor[]
  /** From the start of the root. */
  readonly bitOffset: number
}

/** The part of a record that says what is wanted; where it is wanted does not matter here. */
export interface CoreRequest {
  readonly typeId: number
  /** `0:1:2`. */
  readonly access: string
  /** `CoreKind`. */
  readonly kind: number
}

/**
 * Resolves a record against the program's own BTF. `0:1:2` reads: element 0 of what the pointer points to, its member 1,
 * that one's member (or element) 2.
 *
 * @throws CoreError, if the record does not fit the types.
 */
export function readAccess(btf: Btf, request: CoreRequest): Access {
  const subject = subjectOf(request.kind)
  const root = btf.type(request.typeId)
  const fail = (cause: string) => new CoreError('ERR_BPF_CORE_RECORD', cause, { ...request, path: describeType(root) })
  if (subject === undefined) throw fail('this kind of relocation is newer than this loader')
  const indices = parseIndices(request.access)
  if (indices === undefined) throw fail('the access string is malformed')
  if (subject === 'type') {
    if (request.access !== '0') throw fail('the access string of a type is always 0')
    return { btf, rootId: request.typeId, steps: [], bitOffset: 0 }
  }
  try {
    return subject === 'enumerator' ? readEnumerator(btf, request.typeId, indices, fail) : readField(btf, request.typeId, indices, fail)
  } catch (error) {
    throw error instanceof BpfError && !(error instanceof CoreError) ? fail(error.message) : error
  }
}

function parseIndices(text: string): readonly number[] | undefined {
  if (!/^\d+(:\d+)*$/.test(text)) return undefined
  const indices = text.split(':').map(Number)
  return indices.length <= MAX_ACCESS_LENGTH && indices.every(index => index <= 0x7fff_ffff) ? indices : undefined
}

type Fail = (cause: string) => CoreError

function readEnumerator(btf: Btf, rootId: number, indices: readonly number[], fail: Fail): Access {
  const type = resolve(btf, rootId)
  if (!isEnum(type)) throw fail(`${describeType(type)} is no enum`)
  const index = indices[0] ?? 0
  const value = type.values[index]
  if (indices.length !== 1 || value === undefined) throw fail(`${describeType(type)} has ${type.values.length} enumerators`)
  return { btf, rootId, steps: [{ typeId: type.id, index, name: value.name }], bitOffset: 0 }
}

function readField(btf: Btf, rootId: number, indices: readonly number[], fail: Fail): Access {
  let type: BtfType = resolve(btf, rootId)
  const first = indices[0] ?? 0
  const steps: Accessor[] = [{ typeId: type.id, index: first, name: undefined }]
  let bitOffset = first * sizeInBits(btf, type, fail)
  let owner: { readonly type: BtfType; readonly index: number } | undefined
  for (const index of indices.slice(1)) {
    if (isComposite(type)) {
      const member = type.members[index]
      if (member === undefined) throw fail(`${describeType(type)} has ${type.members.length} members, not ${index + 1}`)
      bitOffset += member.bitOffset
      if (member.name !== '') {
        steps.push({ typeId: type.id, index, name: member.name })
        owner = { type, index }
      }
      type = resolve(btf, member.type)
    } else if (type.kind === 'array') {
      const flexible = isFlexibleArray(type, owner?.type, owner?.index ?? -1)
      if (!flexible && index >= type.length) throw fail(`element ${index} is outside an array of ${type.length}`)
      type = resolve(btf, type.type)
      steps.push({ typeId: type.id, index, name: undefined })
      owner = undefined
      bitOffset += index * sizeInBits(btf, type, fail)
    } else {
      throw fail(`${describeType(type)} has no members`)
    }
  }
  return { btf, rootId, steps, bitOffset }
}

function sizeInBits(btf: Btf, type: BtfType, fail: Fail): number {
  const size = sizeOfType(btf, type.id)
  if (size === undefined) throw fail(`${describeType(type)} has no size`)
  return size * 8
}
