import { fits } from '@bpf/bytes'
import { BtfError } from './errors'

export const btfMagic = 0xeb9f

/** `struct btf_header` up to `str_len`: what every version has. */
const minimumHeaderSize = 24
/** With `layout_off` and `layout_len` (Linux 7.1). */
const layoutHeaderSize = 32

/** A range of the blob, in bytes from its start. */
export interface Range {
  readonly offset: number
  readonly length: number
}

export interface BtfHeader {
  readonly littleEndian: boolean
  readonly length: number
  readonly types: Range
  readonly strings: Range
  /** The kind-layout table; length 0 where there is none. */
  readonly layout: Range
}

/** The byte order that a blob's magic tells, or undefined. */
export function byteOrder(view: DataView): 'little' | 'big' | undefined {
  if (view.byteLength < 2) return undefined
  if (view.getUint16(0, true) === btfMagic) return 'little'
  return view.getUint16(0, false) === btfMagic ? 'big' : undefined
}

/** Reads and checks the header: sections lie inside the blob, in order, without overlap. @throws BtfError */
export function parseHeader(view: DataView, context: string): BtfHeader {
  const fail = (message: string, offset: number): never => {
    throw new BtfError(message, { context, offset })
  }
  const order = byteOrder(view)
  if (order === undefined) throw new BtfError('not BTF: magic 0xeb9f is missing', { context, offset: 0 })
  if (view.byteLength < minimumHeaderSize) fail(`header needs ${minimumHeaderSize} bytes, got ${view.byteLength}`, 0)
  const littleEndian = order === 'little'
  const u32 = (at: number): number => view.getUint32(at, littleEndian)

  const version = view.getUint8(2)
  if (version !== 1) fail(`BTF version ${version} is not supported`, 2)
  const length = u32(4)
  if (length < minimumHeaderSize || length > view.byteLength) fail(`header length ${length} is impossible`, 4)

  const range = (name: string, at: number): Range => {
    const offset = u32(at)
    const size = u32(at + 4)
    if (!fits(offset, size, view.byteLength - length)) fail(`${name} section is past the end (${offset} + ${size} bytes)`, at)
    return { offset: length + offset, length: size }
  }
  const types = range('type', 8)
  const strings = range('string', 16)
  const layout = length >= layoutHeaderSize ? range('layout', 24) : { offset: length, length: 0 }
  if ((types.offset - length) % 4 !== 0) fail('type section is not aligned to 4 bytes', 8)
  if (end(types) > strings.offset) fail('type section overlaps the string section', 16)
  if (layout.length > 0) {
    if ((layout.offset - length) % 4 !== 0) fail('layout section is not aligned to 4 bytes', 24)
    if (layout.length % 4 !== 0) fail(`layout section of ${layout.length} bytes is not whole entries`, 28)
    if (layout.offset < end(types) || end(layout) > strings.offset) fail('layout section overlaps another section', 24)
  }
  return { littleEndian, length, types, strings, layout }
}

const end = (range: Range): number => range.offset + range.length
