import { Cursor } from '@bpf/bytes'
import { crc32 } from '../crc32'
import { type Check, checkOf } from './check'
import { decodeLzma2 } from './lzma2'
import { XzError } from './xz-error'

/** The stream's header and footer, each with a checksum of its own; blocks and an index stand between them. */
const magic = { header: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], footer: [0x59, 0x5a] } as const
const edgeSize = 12
const lzma2 = 0x21
/** One byte of LZMA stands for at most some 7,000: a match of 273 bytes takes about a third of a bit. */
const maxRatio = 8192

/** A block as the index has it, in bytes. */
interface Block {
  /** Header, data, what fills them up to a multiple of four, and the check. */
  readonly stored: number
  /** Decompressed. */
  readonly size: number
}

/**
 * Decompresses an .xz stream (https://tukaani.org/xz/xz-file-format.txt): one, of any number of blocks, made by LZMA2 alone, as
 * `xz` does unless told otherwise. The index at its end says how much it is, so that nothing is allocated beyond `limit` bytes,
 * or that the input does not justify.
 *
 * @throws XzError, BoundsError
 */
export function decodeXz(bytes: Uint8Array, limit: number): Uint8Array {
  const { check, blocks } = readEdges(bytes)
  const size = blocks.reduce((sum, block) => sum + block.size, 0)
  if (size > limit) throw new XzError(`it is ${size} bytes decompressed, and more than ${limit} are not taken`)
  if (size > bytes.length * maxRatio) throw new XzError(`${bytes.length} bytes cannot be ${size} compressed ones`)
  const output = new Uint8Array(size)
  let [from, to] = [edgeSize, 0]
  for (const block of blocks) {
    decodeBlock(bytes.subarray(from, from + block.stored), check, output.subarray(to, to + block.size))
    from += block.stored
    to += block.size
  }
  return output
}

/** What the header, the footer and the index say. */
function readEdges(bytes: Uint8Array): { readonly check: Check; readonly blocks: readonly Block[] } {
  if (bytes.length < 2 * edgeSize || magic.header.some((byte, index) => bytes[index] !== byte)) throw new XzError('it is no .xz stream')
  const header = cursorOf(bytes.subarray(0, edgeSize)).skip(magic.header.length)
  const flags = checked(header.bytes(2), header.u32(), 'header')
  const footer = cursorOf(bytes.subarray(-edgeSize))
  const footerSum = footer.u32()
  const rest = cursorOf(checked(footer.bytes(6), footerSum, 'footer'))
  const indexSize = (rest.u32() + 1) * 4
  if (rest.u16() !== cursorOf(flags).u16()) throw new XzError('its ends are of different streams')
  if (magic.footer.some(byte => footer.u8() !== byte)) throw new XzError('it is cut off')
  const check = flags[0] === 0 ? checkOf(flags[1] ?? 0) : undefined
  if (check === undefined) throw new XzError('its header has flags that are not known')
  if (indexSize > bytes.length - 2 * edgeSize) throw new XzError('its index is not where it says')
  const indexStart = bytes.length - edgeSize - indexSize
  return { check, blocks: readIndex(bytes.subarray(indexStart, indexStart + indexSize), indexStart - edgeSize) }
}

/** @param stored how many bytes all blocks are */
function readIndex(index: Uint8Array, stored: number): readonly Block[] {
  const sum = cursorOf(index.subarray(-4)).u32()
  const cursor = cursorOf(checked(index.subarray(0, -4), sum, 'index'))
  if (cursor.u8() !== 0) throw new XzError('its index is none')
  const count = variable(cursor)
  const blocks: Block[] = []
  // Each takes two bytes at least, and reading is bounded.
  for (let i = 0; i < count; i++) blocks.push({ stored: align4(variable(cursor)), size: variable(cursor) })
  if (blocks.reduce((total, block) => total + block.stored, 0) !== stored) throw new XzError('its index is of other blocks')
  return blocks
}

function decodeBlock(block: Uint8Array, check: Check, output: Uint8Array): void {
  const headerSize = ((block[0] ?? 0) + 1) * 4
  const dataEnd = block.length - check.size
  if (headerSize > dataEnd) throw new XzError('a block is shorter than its header')
  const sum = cursorOf(block.subarray(headerSize - 4, headerSize)).u32()
  checkFilters(checked(block.subarray(0, headerSize - 4), sum, "block's header"))
  decodeLzma2(new Cursor(block.subarray(headerSize, dataEnd), { littleEndian: false, context: 'LZMA2 chunks' }), output)
  const expected = block.subarray(dataEnd)
  if (check.of?.(output).some((byte, index) => byte !== expected[index])) throw new XzError('it is damaged: its check does not match')
}

/** Flags and filters; sizes are in the index, too. */
function checkFilters(header: Uint8Array): void {
  const cursor = cursorOf(header).skip(1)
  const flags = cursor.u8()
  for (const isGiven of [flags & 0x40, flags & 0x80]) if (isGiven !== 0) variable(cursor)
  const filter = variable(cursor)
  if ((flags & 0x3f) !== 0 || filter !== lzma2) throw new XzError('it is compressed with other filters than LZMA2 alone')
}

/** A number in bytes of seven bits, lowest first, of which all but the last have the highest bit set. */
function variable(cursor: Cursor): number {
  let value = 0
  for (let scale = 1; ; scale *= 128) {
    const byte = cursor.u8()
    value += (byte & 0x7f) * scale
    if (!Number.isSafeInteger(value)) throw new XzError('a size is impossible')
    if (byte < 0x80) return value
  }
}

function checked(bytes: Uint8Array, sum: number, what: string): Uint8Array {
  if (crc32(bytes) !== sum) throw new XzError(`its ${what} is damaged`)
  return bytes
}

function cursorOf(bytes: Uint8Array): Cursor {
  return new Cursor(bytes, { littleEndian: true, context: '.xz stream' })
}

function align4(size: number): number {
  return Math.ceil(size / 4) * 4
}
