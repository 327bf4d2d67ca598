import { decodeText } from './text'

/** Reads of more than one DataView call, shared by compiled and interpreted decoders. `at` is in bytes from the start of the view. */

/** Text up to the first NUL, or all of `length` bytes. */
export function readText(view: DataView, at: number, length: number): string {
  return length === nameSize ? readName(view, at) : makeText(view, at, length)
}

/** Bytes of a task's name (TASK_COMM_LEN), an interface's (IFNAMSIZ), a BPF object's (BPF_OBJ_NAME_LEN). */
const nameSize = 16
const slotBits = 8
/** Names read before, one a slot, and the bytes of each as four words. At first each slot knows the empty name. */
const names: string[] = /* @__PURE__ */ new Array(1 << slotBits).fill('')
const nameWords = /* @__PURE__ */ new Int32Array(4 << slotBits)

/** Events name the same few tasks again and again: to find a text by its bytes takes a tenth of the time that making it takes. */
function readName(view: DataView, at: number): string {
  const a = view.getInt32(at, true)
  const b = view.getInt32(at + 4, true)
  const c = view.getInt32(at + 8, true)
  const d = view.getInt32(at + 12, true)
  const slot = hashOf(a, b, c, d) >>> (32 - slotBits)
  const known = slot * 4
  if (nameWords[known] !== a || nameWords[known + 1] !== b || nameWords[known + 2] !== c || nameWords[known + 3] !== d) {
    names[slot] = makeText(view, at, nameSize)
    nameWords[known] = a
    nameWords[known + 1] = b
    nameWords[known + 2] = c
    nameWords[known + 3] = d
  }
  return names[slot] as string
}

/** Multiplies by odd constants, the golden ratio's fraction last, so that the top bits depend on all. */
const hashOf = (a: number, b: number, c: number, d: number): number =>
  Math.imul(a ^ Math.imul(b, 31) ^ Math.imul(c, 961) ^ Math.imul(d, 29791), 0x9e3779b1)

/** Short ASCII, which names are, does without the slower text decoder. */
function makeText(view: DataView, at: number, length: number): string {
  let text = ''
  let i = at
  const end = at + length
  for (const fours = at + Math.min(length & ~3, 64); i < fours; i += 4) {
    const a = view.getUint8(i)
    const b = view.getUint8(i + 1)
    const c = view.getUint8(i + 2)
    const d = view.getUint8(i + 3)
    if (a === 0 || b === 0 || c === 0 || d === 0 || (a | b | c | d) > 127) break
    text += String.fromCharCode(a, b, c, d)
  }
  for (const stop = Math.min(end, i + 4); i < stop; i++) {
    const c = view.getUint8(i)
    if (c === 0) return text
    if (c > 127) break
    text += String.fromCharCode(c)
  }
  return i === end ? text : text + decodeRest(view, i, end - i)
}

function decodeRest(view: DataView, at: number, length: number): string {
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at, length)
  const end = bytes.indexOf(0)
  // A copy, because a text decoder refuses shared memory.
  return decodeText(bytes.slice(0, end === -1 ? length : end))
}

export function readChar(view: DataView, at: number): string {
  const code = view.getUint8(at)
  return code === 0 ? '' : String.fromCharCode(code)
}

/** Exact up to 2^53. */
export function readU64(view: DataView, at: number, littleEndian: boolean): number {
  return view.getUint32(littleEndian ? at + 4 : at, littleEndian) * 2 ** 32 + view.getUint32(littleEndian ? at : at + 4, littleEndian)
}

/** Exact up to 2^53. */
export function readI64(view: DataView, at: number, littleEndian: boolean): number {
  return view.getInt32(littleEndian ? at + 4 : at, littleEndian) * 2 ** 32 + view.getUint32(littleEndian ? at : at + 4, littleEndian)
}

export function read128(view: DataView, at: number, littleEndian: boolean, signed: boolean): bigint {
  const low = view.getBigUint64(littleEndian ? at : at + 8, littleEndian)
  const high = littleEndian ? at + 8 : at
  return ((signed ? view.getBigInt64(high, littleEndian) : view.getBigUint64(high, littleEndian)) << 64n) | low
}

/** `size` bytes (any number of them) as an unsigned integer. */
export function readWide(view: DataView, at: number, size: number, littleEndian: boolean): bigint {
  let value = 0n
  for (let i = 0; i < size; i++) value = (value << 8n) | BigInt(view.getUint8(littleEndian ? at + size - 1 - i : at + i))
  return value
}
