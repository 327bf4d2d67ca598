import { BtfError } from './errors'
import type { BtfHeader } from './header'
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
  /** Indices of the types that can have a name, but for functions. */
  readonly named: Uint32Array
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
  const { littleEndian, types } = header
  const end = types.offset + types.length
  const infoSizes = new Uint16Array(128)
  const elementSizes = new Uint16Array(128)
  const known = new Uint8Array(128)
  const isNamed = new Uint8Array(128).fill(1)
  for (const kind of notNamed) isNamed[kind] = 0
  for (const [kind, layout] of kindTable.entries()) {
    infoSizes[kind] = layout.infoSize
    elementSizes[kind] = layout.elementSize
    known[kind] = isKnownKind(kind) ? 1 : 0
  }

  const most = Math.floor(types.length / recordSize)
  const offsets = new Uint32Array(most)
  const kinds = new Uint8Array(most)
  const named = new Uint32Array(most)
  let count = 0
  let namedCount = 0
  let at = types.offset
  while (at + recordSize <= end) {
    const info = view.getUint32(at + 4, littleEndian)
    // As kindOfInfo and vlenOfInfo say; calls take most of the time before the engine has compiled the loop.
    const kind = (info >>> 24) & 0x7f
    if (known[kind] === 0) {
      const layout = layoutOf(kind)
      if (layout === undefined) throw unknownKind(kind, at, context)
      infoSizes[kind] = layout.infoSize
      elementSizes[kind] = layout.elementSize
      known[kind] = 1
    }
    const size = recordSize + (infoSizes[kind] as number) + (info & 0xffffff) * (elementSizes[kind] as number)
    if (size > end - at) throw new BtfError(`type record of ${size} bytes is past the end of the type section`, { context, offset: at })
    if (isNamed[kind] === 1) named[namedCount++] = count
    offsets[count] = at
    kinds[count++] = kind
    at += size
  }
  if (at !== end) throw new BtfError(`${end - at} bytes left over at the end of the type section`, { context, offset: at })
  return { offsets: offsets.slice(0, count), kinds: kinds.slice(0, count), named: named.slice(0, namedCount) }
}

/** Indices of the functions. */
export function functionsOf({ kinds }: TypeIndex): Uint32Array {
  const functions = new Uint32Array(kinds.length)
  let count = 0
  for (let index = 0; index < kinds.length; index++) if (kinds[index] === BtfKind.Func) functions[count++] = index
  return functions.slice(0, count)
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
