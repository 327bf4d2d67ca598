import { BtfError } from './errors'
import type { BtfHeader, Range } from './header'
import { isKnownKind, type KindLayout, kindOfInfo, kindTable, recordSize } from './kinds'
import { BtfKind } from './types'

/** Functions have names, of course, but these are indexed apart: they are four fifths of a kernel's, and few look-ups want them. */
const notNamed = [BtfKind.Ptr, BtfKind.Array, BtfKind.Volatile, BtfKind.Const, BtfKind.Restrict, BtfKind.FuncProto, BtfKind.Func]

/** By type index: the type of id `startId + index`. */
export interface TypeIndex {
  /** Byte offset of the record in the blob. */
  readonly offsets: Uint32Array
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

/** How to skip records, by kind number. */
interface KindTables {
  /** Words of a record without its elements; 0 for kinds that are not known yet. */
  readonly recordWords: Uint16Array
  /** Words of an element. */
  readonly elementWords: Uint16Array
  /** 1 for kinds that are indexed by name. */
  readonly isNamed: Uint8Array
}

/** How far the pass has come, and what it has found. The arrays are longer than what is in them; they grow. */
interface Walk {
  /** The next record: its word in the section. */
  at: number
  count: number
  offsets: Uint32Array
  namedCount: number
  members: Uint32Array
  nameOffsets: Uint32Array
}

/**
 * The place of every type record, in one pass. Only the sizes of records are looked at: what is in them is checked when a type
 * is asked for.
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
  const { types, littleEndian } = header
  const words = wordsOf(view, types, littleEndian)
  const tables = knownKinds()
  const empty = new Uint32Array(0)
  const walk: Walk = { at: 0, count: 0, offsets: empty, namedCount: 0, members: empty, nameOffsets: empty }
  while (walk.at <= words.length - recordSize / 4) {
    reserve(walk, types.length)
    const unknown = takeRecords(words, tables, types.offset, walk)
    if (unknown === undefined) continue
    const layout = layoutOf(unknown)
    if (layout === undefined) throw unknownKind(unknown, types.offset + walk.at * 4, context)
    setLayout(tables, unknown, layout)
  }
  checkEnd(walk, types, context)
  const { offsets, count, members, nameOffsets, namedCount } = walk
  return {
    offsets: offsets.subarray(0, count),
    named: { members: members.subarray(0, namedCount), nameOffsets: nameOffsets.subarray(0, namedCount) },
  }
}

/** Records a step: a function that is called again is compiled sooner, and for good, than one that goes round a long loop once. */
const stepRecords = 512

/**
 * Goes on over the records of a step, the last of which may go past the end, or up to one of a kind that the tables do not have.
 * Half of the time goes by until the engine has compiled this: it is as small as it can be, and calls nothing.
 *
 * @param start byte offset of the section
 * @returns the kind that is not known
 */
function takeRecords(words: Uint32Array, tables: KindTables, start: number, walk: Walk): number | undefined {
  const { recordWords, elementWords, isNamed } = tables
  const { offsets, members, nameOffsets } = walk
  const last = words.length - recordSize / 4
  const stop = walk.count + stepRecords
  let { at, count, namedCount } = walk
  let unknown: number | undefined
  while (at <= last && count < stop) {
    const info = words[at + 1] as number
    const kind = (info >>> 24) & 0x7f // as kindOfInfo says, and vlenOfInfo below
    const size = recordWords[kind] as number
    if (size === 0) {
      unknown = kind
      break
    }
    if (isNamed[kind] === 1) {
      members[namedCount] = count
      nameOffsets[namedCount++] = words[at] as number
    }
    offsets[count++] = start + at * 4
    at += size + (info & 0xffffff) * (elementWords[kind] as number)
  }
  walk.at = at
  walk.count = count
  walk.namedCount = namedCount
  return unknown
}

/** Makes room for a step. A kernel's records take a little more than 24 bytes on average, and one in seven is a type with a name. */
function reserve(walk: Walk, length: number): void {
  const room = (used: number, expected: number) => Math.min(length / recordSize, Math.max(used + stepRecords, 2 * used, expected))
  if (walk.count + stepRecords > walk.offsets.length) {
    walk.offsets = grown(walk.offsets, new Uint32Array(room(walk.count, length / 24)))
  }
  if (walk.namedCount + stepRecords > walk.members.length) {
    walk.members = grown(walk.members, new Uint32Array(room(walk.namedCount, length / 144)))
    walk.nameOffsets = grown(walk.nameOffsets, new Uint32Array(walk.members.length))
  }
}

function grown<T extends Uint32Array>(old: Uint32Array, larger: T): T {
  larger.set(old)
  return larger
}

/** @throws BtfError if the last record goes past the end, or bytes are left over. */
function checkEnd({ at, count, offsets }: Walk, { offset, length }: Range, context: string): void {
  const end = offset + at * 4
  const left = offset + length - end
  if (left < 0) {
    const last = offsets[count - 1] as number
    throw new BtfError(`type record of ${end - last} bytes is past the end of the type section`, { context, offset: last })
  }
  if (left > 0) throw new BtfError(`${left} bytes left over at the end of the type section`, { context, offset: end })
}

function knownKinds(): KindTables {
  const tables: KindTables = {
    recordWords: new Uint16Array(128),
    elementWords: new Uint16Array(128),
    isNamed: new Uint8Array(128).fill(1),
  }
  for (const kind of notNamed) tables.isNamed[kind] = 0
  for (const [kind, layout] of kindTable.entries()) if (isKnownKind(kind)) setLayout(tables, kind, layout)
  return tables
}

function setLayout({ recordWords, elementWords }: KindTables, kind: number, { infoSize, elementSize }: KindLayout): void {
  recordWords[kind] = (recordSize + infoSize) / 4
  elementWords[kind] = elementSize / 4
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
export function functionsOf({ offsets }: TypeIndex, view: DataView, littleEndian: boolean): NamedTypes {
  const members = new Uint32Array(offsets.length)
  const nameOffsets = new Uint32Array(offsets.length)
  let count = 0
  for (let index = 0; index < offsets.length; index++) {
    const offset = offsets[index] as number
    if (kindOfInfo(view.getUint32(offset + 4, littleEndian)) !== BtfKind.Func) continue
    members[count] = index
    nameOffsets[count++] = view.getUint32(offset, littleEndian)
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
