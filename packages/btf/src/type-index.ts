import { BtfError } from './errors'
import type { BtfHeader, Range } from './header'
import { isKnownKind, type KindLayout, kindTable, recordSize } from './kinds'
import { BtfKind } from './types'

/** Functions have names, of course, but these are indexed apart: they are four fifths of a kernel's, and few look-ups want them. */
const notNamed = [BtfKind.Ptr, BtfKind.Array, BtfKind.Volatile, BtfKind.Const, BtfKind.Restrict, BtfKind.FuncProto, BtfKind.Func]

/** By type index: the type of id `startId + index`. */
export interface TypeIndex {
  /** Byte offset of the record in the blob. */
  readonly offsets: Uint32Array
  /** Kind number. */
  readonly kinds: Uint8Array
  /** The types that can have a name, but for functions. */
  readonly named: NamedTypes
}

/** Types and their names, ascending by type index. */
export interface NamedTypes {
  /** Type indices. */
  readonly members: Uint32Array
  /** Where the name of each is, as in the record: 0 for none, unchecked. */
  readonly nameOffsets: Uint32Array
}

/**
 * The place and kind of every type record, in one pass. Only the sizes of records are looked at: what is in them is checked
 * when a type is asked for.
 *
 * @param layoutOf how to skip a kind that the reader does not know
 * @throws BtfError
 */
export function indexTypes(
  view: DataView,
  header: BtfHeader,
  layoutOf: (kind: number) => KindLayout | undefined,
  context: string,
): TypeIndex {
  const walk = new RecordWalk(wordsOf(view, header.types, header.littleEndian), header.types, layoutOf, context)
  while (walk.step());
  return walk.result()
}

/** Records a step: a function that is called again is compiled sooner, and for good, than one that goes round a long loop once. */
const stepRecords = 2048

class RecordWalk {
  readonly #words: Uint32Array
  readonly #range: Range
  readonly #layoutOf: (kind: number) => KindLayout | undefined
  readonly #context: string
  /** By kind: words of a record without its elements, 0 for kinds that are not known yet; words of an element; whether it has a name. */
  readonly #recordWords = new Uint16Array(128)
  readonly #elementWords = new Uint16Array(128)
  readonly #isNamed = new Uint8Array(128).fill(1)
  /** Longer than what is in them; they grow. */
  #offsets = new Uint32Array(0)
  #kinds = new Uint8Array(0)
  #members = new Uint32Array(0)
  #nameOffsets = new Uint32Array(0)
  #at = 0
  #count = 0
  #namedCount = 0

  constructor(words: Uint32Array, range: Range, layoutOf: (kind: number) => KindLayout | undefined, context: string) {
    this.#words = words
    this.#range = range
    this.#layoutOf = layoutOf
    this.#context = context
    for (const kind of notNamed) this.#isNamed[kind] = 0
    for (const [kind, layout] of kindTable.entries()) if (isKnownKind(kind)) this.#setLayout(kind, layout)
  }

  /** Takes some records. False at the end. @throws BtfError */
  step(): boolean {
    this.#reserve()
    const words = this.#words
    const recordWords = this.#recordWords
    const elementWords = this.#elementWords
    const isNamed = this.#isNamed
    const offsets = this.#offsets
    const kinds = this.#kinds
    const members = this.#members
    const nameOffsets = this.#nameOffsets
    const start = this.#range.offset
    const last = words.length - recordSize / 4
    const stop = this.#count + stepRecords
    let at = this.#at
    let count = this.#count
    let namedCount = this.#namedCount
    while (at <= last && count < stop) {
      const info = words[at + 1] as number
      // As kindOfInfo and vlenOfInfo say; calls take most of the time before the engine has compiled the loop.
      const kind = (info >>> 24) & 0x7f
      if (recordWords[kind] === 0) this.#learn(kind, start + at * 4)
      const size = (recordWords[kind] as number) + (info & 0xffffff) * (elementWords[kind] as number)
      if (size > words.length - at) throw this.#pastTheEnd(size * 4, start + at * 4)
      if (isNamed[kind] === 1) {
        members[namedCount] = count
        nameOffsets[namedCount++] = words[at] as number
      }
      offsets[count] = start + at * 4
      kinds[count++] = kind
      at += size
    }
    this.#at = at
    this.#count = count
    this.#namedCount = namedCount
    return at <= last
  }

  /** @throws BtfError if bytes are left over. */
  result(): TypeIndex {
    const { offset, length } = this.#range
    const left = length - this.#at * 4
    if (left !== 0) throw this.#error(`${left} bytes left over at the end of the type section`, offset + this.#at * 4)
    return {
      offsets: this.#offsets.subarray(0, this.#count),
      kinds: this.#kinds.subarray(0, this.#count),
      named: { members: this.#members.subarray(0, this.#namedCount), nameOffsets: this.#nameOffsets.subarray(0, this.#namedCount) },
    }
  }

  /** Makes room for a step. A kernel's records take a little more than 24 bytes on average, and one in seven is a type with a name. */
  #reserve(): void {
    const { length } = this.#range
    const room = (used: number, expected: number) => Math.min(length / recordSize, Math.max(used + stepRecords, 2 * used, expected))
    if (this.#count + stepRecords > this.#offsets.length) {
      this.#offsets = grown(this.#offsets, new Uint32Array(room(this.#count, length / 24)))
      this.#kinds = grown(this.#kinds, new Uint8Array(this.#offsets.length))
    }
    if (this.#namedCount + stepRecords > this.#members.length) {
      this.#members = grown(this.#members, new Uint32Array(room(this.#namedCount, length / 144)))
      this.#nameOffsets = grown(this.#nameOffsets, new Uint32Array(this.#members.length))
    }
  }

  /** Finds out how to skip a kind that this reader does not know. @throws BtfError */
  #learn(kind: number, offset: number): void {
    const layout = this.#layoutOf(kind)
    if (layout === undefined) throw unknownKind(kind, offset, this.#context)
    this.#setLayout(kind, layout)
  }

  #setLayout(kind: number, { infoSize, elementSize }: KindLayout): void {
    this.#recordWords[kind] = (recordSize + infoSize) / 4
    this.#elementWords[kind] = elementSize / 4
  }

  #pastTheEnd(size: number, offset: number): BtfError {
    return this.#error(`type record of ${size} bytes is past the end of the type section`, offset)
  }

  #error(message: string, offset: number): BtfError {
    return new BtfError(message, { context: this.#context, offset })
  }
}

function grown<T extends Uint8Array | Uint32Array>(old: T, larger: T): T {
  larger.set(old)
  return larger
}

/** The words of a section: the bytes themselves where this machine can read them so, else a copy in its own byte order. */
function wordsOf(view: DataView, { offset, length }: Range, littleEndian: boolean): Uint32Array {
  const count = Math.floor(length / 4)
  const start = view.byteOffset + offset
  if (start % 4 === 0 && littleEndian === machineIsLittleEndian()) return new Uint32Array(view.buffer, start, count)
  return Uint32Array.from({ length: count }, (_, index) => view.getUint32(offset + index * 4, littleEndian))
}

const machineIsLittleEndian = (): boolean => new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

/** The functions. */
export function functionsOf({ offsets, kinds }: TypeIndex, view: DataView, littleEndian: boolean): NamedTypes {
  const members = new Uint32Array(kinds.length)
  const nameOffsets = new Uint32Array(kinds.length)
  let count = 0
  for (let index = 0; index < kinds.length; index++) {
    if (kinds[index] !== BtfKind.Func) continue
    members[count] = index
    nameOffsets[count++] = view.getUint32(offsets[index] as number, littleEndian)
  }
  return { members: members.subarray(0, count), nameOffsets: nameOffsets.subarray(0, count) }
}

function unknownKind(kind: number, offset: number, context: string): BtfError {
  if (kind === 0) return new BtfError('type record of kind 0', { context, offset })
  return new BtfError(`BTF newer than this reader: unknown kind ${kind}`, {
    code: 'ERR_BPF_BTF_NEWER',
    context,
    offset,
    hint: 'BTF with a kind-layout section (pahole and clang of 2026 or later) can be read past unknown kinds',
  })
}

/** Looks kinds up in the layout section: per kind `info_sz`, `elem_sz` (one byte each) and 16 bits of flags. @throws BtfError */
export function layoutTable(view: DataView, header: BtfHeader, context: string): (kind: number) => KindLayout | undefined {
  return kind => {
    if (kind === 0 || kind >= header.layout.length / 4) return undefined
    const offset = header.layout.offset + kind * 4
    const infoSize = view.getUint8(offset)
    const elementSize = view.getUint8(offset + 1)
    if (infoSize % 4 !== 0 || elementSize % 4 !== 0) {
      throw new BtfError(`layout of kind ${kind} has sizes ${infoSize} and ${elementSize}, not multiples of 4`, { context, offset })
    }
    return { infoSize, elementSize }
  }
}
