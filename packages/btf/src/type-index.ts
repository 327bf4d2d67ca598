import { BtfError } from './errors'
import type { BtfHeader, Range } from './header'
import { type KindLayout, kindOfInfo, kindTable, recordSize } from './kinds'
import { BtfKind } from './types'

/** Functions have names, of course, but these are indexed apart: they are four fifths of a kernel's, and few look-ups want them. */
const notNamed = [BtfKind.Ptr, BtfKind.Array, BtfKind.Volatile, BtfKind.Const, BtfKind.Restrict, BtfKind.FuncProto, BtfKind.Func]

/** Where the records of a blob are. A place is a word of its type section. */
export interface TypeIndex {
  /** The type section. */
  readonly words: Uint32Array
  /** Of each type, ascending: the record of id `startId + index` is at `places[index]`. */
  readonly places: Uint32Array
  /** The types that can have a name, but for functions. */
  readonly named: NamedTypes
}

/** Types and their names. */
export interface NamedTypes {
  /** Ascending. */
  readonly places: Uint32Array
  /** Where the name of each is, as in the record: 0 for none, unchecked. */
  readonly nameOffsets: Uint32Array
}

/**
 * How to skip a record, by kind number, in bits: 0 to 5 are the words of an element, 6 is set for kinds that are indexed by name,
 * the others are the words of the record without its elements, all of them set for kinds that are not known yet.
 */
type KindTable = Uint32Array

const namedBit = 1 << 6
const unknownKindEntry = 0xffffff << 7

/** How far the pass has come, and what it has found. The arrays are longer than what is in them; they grow. */
interface Walk {
  /** The place of the next record. */
  at: number
  count: number
  places: Uint32Array
  namedCount: number
  namedPlaces: Uint32Array
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
  const kinds = knownKinds()
  const end = words.length - (recordWords - 1)
  const empty = new Uint32Array(0)
  const walk: Walk = { at: 0, count: 0, places: empty, namedCount: 0, namedPlaces: empty, nameOffsets: empty }
  while (walk.at < end) {
    reserve(walk, words.length)
    takeRecords(words, kinds, Math.min(end, walk.at + stepWords), walk)
    const unknown = takeBackUnknown(words, kinds, walk)
    if (unknown === undefined) continue
    const layout = layoutOf(unknown)
    if (layout === undefined) throw unknownKind(unknown, types.offset + walk.at * 4, context)
    setLayout(kinds, unknown, layout)
  }
  checkEnd(walk, types, context)
  const { places, count, namedPlaces, nameOffsets, namedCount } = walk
  return {
    words,
    places: places.subarray(0, count),
    named: { places: namedPlaces.subarray(0, namedCount), nameOffsets: nameOffsets.subarray(0, namedCount) },
  }
}

/** Words a step: a function that is called again is compiled sooner, and for good, than one that goes round a long loop once. */
const stepWords = 3072
const recordWords = recordSize / 4
/** Of a step, if they are as short as can be. */
const stepRecords = stepWords / recordWords

/**
 * Goes on over the records that begin before `stop`, or up to one of a kind that is not known. Half of the time goes by until the
 * engine has compiled this: it is as small as it can be, calls nothing and has no branches. A type without a name is written
 * among those with one, too, but not counted: the next is written over it.
 */
function takeRecords(words: Uint32Array, kinds: KindTable, stop: number, walk: Walk): void {
  const { places, namedPlaces, nameOffsets } = walk
  let { at, count, namedCount } = walk
  while (at < stop) {
    const info = words[at + 1] as number
    const kind = kinds[(info >>> 24) & 0x7f] as number // as kindOfInfo says, and vlenOfInfo below
    places[count++] = at
    namedPlaces[namedCount] = at
    nameOffsets[namedCount] = words[at] as number
    namedCount += (kind >>> 6) & 1
    at += (kind >>> 7) + (info & 0xffffff) * (kind & 0x3f)
  }
  walk.at = at
  walk.count = count
  walk.namedCount = namedCount
}

/** Takes the last record back if it is of a kind that is not known, which is returned. */
function takeBackUnknown(words: Uint32Array, kinds: KindTable, walk: Walk): number | undefined {
  const last = walk.places[walk.count - 1] as number
  const kind = kindOfInfo(words[last + 1] as number)
  const entry = kinds[kind] as number
  if (entry >>> 7 !== unknownKindEntry >>> 7) return undefined
  walk.at = last
  walk.count -= 1
  walk.namedCount -= (entry >>> 6) & 1
  return kind
}

/** Makes room for a step. A kernel's records take a little more than 24 bytes on average, and one in seven is a type with a name. */
function reserve(walk: Walk, words: number): void {
  const most = words / recordWords + 1
  if (walk.count + stepRecords > walk.places.length) walk.places = grown(walk.places, words / 6, most)
  if (walk.namedCount + stepRecords > walk.namedPlaces.length) {
    walk.namedPlaces = grown(walk.namedPlaces, words / 36, most)
    walk.nameOffsets = grown(walk.nameOffsets, words / 36, most)
  }
}

/** Twice as long, but no shorter than expected, and no longer than there can be records. */
function grown(old: Uint32Array, expected: number, most: number): Uint32Array {
  const larger = new Uint32Array(Math.min(most, Math.max(2 * old.length, stepRecords, expected)))
  larger.set(old)
  return larger
}

/** @throws BtfError if the last record goes past the end, or bytes are left over. */
function checkEnd({ at, count, places }: Walk, { offset, length }: Range, context: string): void {
  const end = offset + at * 4
  const left = offset + length - end
  if (left < 0) {
    const last = offset + (places[count - 1] as number) * 4
    throw new BtfError(`type record of ${end - last} bytes is past the end of the type section`, { context, offset: last })
  }
  if (left > 0) throw new BtfError(`${left} bytes left over at the end of the type section`, { context, offset: end })
}

function knownKinds(): KindTable {
  const kinds = new Uint32Array(128).fill(unknownKindEntry | namedBit)
  for (const kind of notNamed) kinds[kind] = unknownKindEntry
  for (let kind = 1; kind < kindTable.length; kind++) setLayout(kinds, kind, kindTable[kind] as KindLayout)
  return kinds
}

/** Sizes are multiples of 4, and those of a layout section less than 256. */
function setLayout(kinds: KindTable, kind: number, { infoSize, elementSize }: KindLayout): void {
  const named = (kinds[kind] as number) & namedBit
  kinds[kind] = (((recordSize + infoSize) / 4) << 7) | named | (elementSize / 4)
}

/** The words of a section: the bytes themselves where this machine can read them so, else a copy in its own byte order. */
function wordsOf(view: DataView, { offset, length }: Range, littleEndian: boolean): Uint32Array {
  const count = Math.floor(length / 4)
  const start = view.byteOffset + offset
  const machineIsLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1
  if (start % 4 === 0 && littleEndian === machineIsLittleEndian) return new Uint32Array(view.buffer, start, count)
  return Uint32Array.from({ length: count }, (_, index) => view.getUint32(offset + index * 4, littleEndian))
}

/** The functions. */
export function functionsOf({ words, places }: TypeIndex): NamedTypes {
  const functions = new Uint32Array(places.length)
  const nameOffsets = new Uint32Array(places.length)
  let count = 0
  for (let index = 0; index < places.length; index++) {
    const at = places[index] as number
    if (kindOfInfo(words[at + 1] as number) !== BtfKind.Func) continue
    functions[count] = at
    nameOffsets[count++] = words[at] as number
  }
  return { places: functions.subarray(0, count), nameOffsets: nameOffsets.subarray(0, count) }
}

/** The index of the type whose record is at `place`. */
export function indexOfPlace({ places }: TypeIndex, place: number): number {
  let low = 0
  let high = places.length
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if ((places[middle] as number) <= place) low = middle
    else high = middle
  }
  return low
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
