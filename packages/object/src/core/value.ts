import { type BtfType, CoreKind, resolve } from '@bpf/btf'
import type { Access } from './access'
import type { CoreSubject } from './core-kind'
import { elementType, isComposite, isEnum, sizeOfType } from './type-queries'

/** What one BTF answers to a record. */
export interface Answer {
  readonly value: bigint
  /** The instruction must hold this value before it is patched; false where compilers and loaders may differ. */
  readonly checked: boolean
  /** Of byte offsets: the type whose width a load or store there has. Undefined for bit fields and other kinds. */
  readonly accessed: BtfType | undefined
  /** Bytes, of `accessed` or, for an array, of its element. */
  readonly accessedSize: number
}

/** Why there is no answer: the types are at odds with the question. */
export interface NoAnswer {
  readonly problem: string
}

/** What a record asks of its own BTF or of a matching candidate. @throws TypeDepthError */
export function answer(access: Access, kind: number, subject: CoreSubject): Answer | NoAnswer {
  if (subject === 'type') return typeAnswer(access, kind)
  if (subject === 'enumerator') return enumeratorAnswer(access, kind)
  return fieldAnswer(access, kind)
}

/**
 * What stands for a record that no type of the target matches. Questions of existence have an answer, types of which there
 * is none have size and id 0; the rest is undefined, and the instruction is poisoned.
 */
export function answerForMissing(kind: number, subject: CoreSubject): bigint | undefined {
  return subject === 'type' || kind === CoreKind.FieldExists || kind === CoreKind.EnumvalExists ? 0n : undefined
}

const plain = (value: bigint | number, checked = true): Answer => ({
  value: BigInt(value),
  checked,
  accessed: undefined,
  accessedSize: 0,
})

function typeAnswer(access: Access, kind: number): Answer | NoAnswer {
  // Linking renumbers types after the compiler wrote their ids into the code.
  if (kind === CoreKind.TypeIdLocal || kind === CoreKind.TypeIdTarget) return plain(access.rootId, false)
  if (kind !== CoreKind.TypeSize) return plain(1)
  const size = sizeOfType(access.btf, access.rootId)
  return size === undefined ? { problem: 'the type has no size' } : plain(size)
}

function enumeratorAnswer(access: Access, kind: number): Answer | NoAnswer {
  if (kind === CoreKind.EnumvalExists) return plain(1)
  const [step] = access.steps
  const type = access.btf.type(step?.typeId ?? 0)
  const value = isEnum(type) ? type.values[step?.index ?? 0] : undefined
  if (value === undefined) return { problem: 'the enumerator has no value' }
  // Compilers before LLVM 16 leave the sign flag out, so above 31 bits an enum of 32 may mean a negative value: the kernel and
  // libbpf always extend the sign. What the compiler wrote into the instruction may be either.
  const ambiguous = type.kind === 'enum' && !type.signed && value.value >> 31n !== 0n
  return plain(BigInt.asUintN(64, ambiguous ? BigInt.asIntN(32, value.value) : value.value), !ambiguous)
}

function fieldAnswer(access: Access, kind: number): Answer | NoAnswer {
  if (kind === CoreKind.FieldExists) return plain(1)
  const last = access.steps.at(-1)
  if (last === undefined) return { problem: 'the access is empty' }
  const owner = access.btf.type(last.typeId)
  if (last.name === undefined) return elementAnswer(access, owner, kind)
  const member = isComposite(owner) ? owner.members[last.index] : undefined
  if (member === undefined) return { problem: 'the member is gone' }
  const type = resolve(access.btf, member.type)
  const window = loadWindow(access, type, member.bitSize)
  if ('problem' in window) return window
  const isBitField = member.bitSize > 0
  switch (kind) {
    case CoreKind.FieldByteOffset:
      return isBitField ? plain(window.offset, false) : accessAnswer(access, window.offset, type)
    case CoreKind.FieldByteSize:
      return plain(window.size, !isBitField)
    case CoreKind.FieldSigned:
      return plain(isSigned(type) ? 1 : 0)
    case CoreKind.FieldLshiftU64:
      return plain(leftShift(access, window) >>> 0, !isBitField)
    default:
      return plain((64 - window.bits) >>> 0)
  }
}

/** Pointer arithmetic and array elements, which have no bit fields and no sign. */
function elementAnswer(access: Access, element: BtfType, kind: number): Answer | NoAnswer {
  if (kind === CoreKind.FieldByteOffset) return accessAnswer(access, access.bitOffset / 8, element)
  if (kind !== CoreKind.FieldByteSize) return { problem: 'an array element has neither sign nor shifts' }
  const size = sizeOfType(access.btf, element.id)
  return size === undefined ? { problem: 'the element has no size' } : plain(size)
}

function accessAnswer(access: Access, offset: number, type: BtfType): Answer | NoAnswer {
  const size = sizeOfType(access.btf, elementType(access.btf, type.id).id)
  if (size === undefined) return { problem: 'the field has no size' }
  return { value: BigInt(Math.trunc(offset)), checked: true, accessed: type, accessedSize: size }
}

/** The bytes to load for a field, and its width in bits. */
interface LoadWindow {
  /** Bytes from the start of the root, a multiple of `size` for bit fields. */
  readonly offset: number
  /** Bytes. */
  readonly size: number
  readonly bits: number
}

/** Of a bit field: the smallest naturally aligned load, of the declared type's size or larger, that contains it. */
function loadWindow(access: Access, type: BtfType, bitSize: number): LoadWindow | NoAnswer {
  let size = sizeOfType(access.btf, type.id)
  if (size === undefined) return { problem: 'the field has no size' }
  if (bitSize === 0) return { offset: Math.floor(access.bitOffset / 8), size, bits: size * 8 }
  if (size === 0) return { problem: 'the bit field has a type of no size' }
  let offset = alignDown(Math.floor(access.bitOffset / 8), size)
  while (access.bitOffset + bitSize - offset * 8 > size * 8) {
    if (size >= 8) return { problem: 'the bit field cannot be read with one load of 8 bytes' }
    size *= 2
    offset = alignDown(Math.floor(access.bitOffset / 8), size)
  }
  return { offset, size, bits: bitSize }
}

/** How far left a 64-bit register with the loaded bytes must be shifted for the field to be on top. */
function leftShift(access: Access, { offset, size, bits }: LoadWindow): number {
  const bitsBefore = access.bitOffset - offset * 8
  return access.btf.littleEndian ? 64 - (bitsBefore + bits) : (8 - size) * 8 + bitsBefore
}

const alignDown = (value: number, alignment: number): number => value - (value % alignment)

const isSigned = (type: BtfType): boolean => (isEnum(type) ? type.signed : type.kind === 'int' && type.encoding.signed)
