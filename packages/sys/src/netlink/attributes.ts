import { BpfError, Cursor } from '@bpf/bytes'
import { littleEndian } from '../arch'

/**
 * Netlink attributes (`struct nlattr`, include/uapi/linux/netlink.h): a length and a type of 16 bits each, then the value,
 * padded to 4 bytes.
 */
const headerSize = 4
const NLA_F_NESTED = 0x8000
const NLA_TYPE_MASK = 0x3fff

/** A value: bytes as they are, text (with its NUL), a 32-bit integer, nothing (a flag), or attributes inside. */
export type NetlinkValue = Uint8Array | string | number | undefined | readonly NetlinkAttribute[]
export type NetlinkAttribute = readonly [type: number, value: NetlinkValue]

export function encodeAttributes(attributes: readonly NetlinkAttribute[]): Uint8Array {
  const parts = attributes.map(encodeAttribute)
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.byteLength
  }
  return all
}

function encodeAttribute([type, value]: NetlinkAttribute): Uint8Array {
  const payload = encodeValue(value)
  const length = headerSize + payload.byteLength
  if (length > 0xffff) throw new NetlinkFormatError(`attribute ${type} of ${payload.byteLength} bytes does not fit`)
  const bytes = new Uint8Array(align4(length))
  const view = new DataView(bytes.buffer)
  view.setUint16(0, length, littleEndian)
  view.setUint16(2, Array.isArray(value) ? type | NLA_F_NESTED : type, littleEndian)
  bytes.set(payload, headerSize)
  return bytes
}

function encodeValue(value: NetlinkValue): Uint8Array {
  if (value === undefined) return new Uint8Array()
  if (value instanceof Uint8Array) return value
  if (typeof value === 'string') return new TextEncoder().encode(`${value}\0`)
  if (typeof value === 'number') return new Uint8Array(Uint32Array.of(value).buffer)
  return encodeAttributes(value)
}

/** One decoded attribute; `value` shares memory with the message. */
export interface ParsedAttribute {
  readonly type: number
  readonly value: Uint8Array
}

/** @throws NetlinkFormatError */
export function parseAttributes(bytes: Uint8Array, context = 'netlink attributes'): readonly ParsedAttribute[] {
  const cursor = new Cursor(bytes, { littleEndian, context })
  const attributes: ParsedAttribute[] = []
  while (cursor.remaining >= headerSize) {
    const length = cursor.u16()
    const type = cursor.u16() & NLA_TYPE_MASK
    if (length < headerSize || length - headerSize > cursor.remaining) {
      throw new NetlinkFormatError(`${context}: attribute ${type} claims ${length} bytes, ${cursor.remaining + headerSize} remain`)
    }
    attributes.push({ type, value: cursor.bytes(length - headerSize) })
    cursor.skip(Math.min(align4(length) - length, cursor.remaining))
  }
  return attributes
}

/** The attributes by type, the last of each: what most messages want. @throws NetlinkFormatError */
export function attributeMap(bytes: Uint8Array, context?: string): ReadonlyMap<number, Uint8Array> {
  return new Map(parseAttributes(bytes, context).map(({ type, value }) => [type, value]))
}

/** The integer in an attribute of 1, 2 or 4 bytes; undefined if it is absent or of another size. */
export function attributeNumber(value: Uint8Array | undefined): number | undefined {
  if (value === undefined) return undefined
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength)
  if (value.byteLength === 4) return view.getUint32(0, littleEndian)
  if (value.byteLength === 2) return view.getUint16(0, littleEndian)
  return value.byteLength === 1 ? view.getUint8(0) : undefined
}

export function align4(length: number): number {
  return Math.ceil(length / 4) * 4
}

/** A netlink message that contradicts itself, or cannot be written. */
export class NetlinkFormatError extends BpfError {
  override readonly name = 'NetlinkFormatError'

  constructor(message: string) {
    super('ERR_BPF_NETLINK_FORMAT', message)
  }
}
