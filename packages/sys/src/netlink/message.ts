import { Cursor, decodeCString } from '@bpf/bytes'
import { littleEndian } from '../arch'
import { layout } from '../layout'
import { align4, attributeMap, NetlinkFormatError } from './attributes'

/** `struct nlmsghdr`. */
const messageHeader = layout({ len: 'u32', type: 'u16', flags: 'u16', seq: 'u32', pid: 'u32' })

/** Types below 16 are about the conversation itself. */
export const MessageType = { Noop: 1, Error: 2, Done: 3, Overrun: 4 } as const

export const MessageFlag = {
  Request: 0x1,
  Multi: 0x2,
  Ack: 0x4,
  Echo: 0x8,
  /** The table changed during the dump: entries may be missing or double. */
  DumpInterrupted: 0x10,
  /** GET: everything. */
  Dump: 0x300,
  /** NEW: replace what is there. */
  Replace: 0x100,
  /** NEW: fail if it is there. */
  Exclusive: 0x200,
  /** NEW: create it if it is not there. */
  Create: 0x400,
} as const

const capped = 0x100
const ackAttributes = 0x200

export interface NetlinkMessage {
  readonly type: number
  readonly flags: number
  readonly seq: number
  readonly pid: number
  /** What follows the header; shares memory with the datagram. */
  readonly payload: Uint8Array
}

export function encodeMessage(message: Omit<NetlinkMessage, 'pid'>): Uint8Array {
  const length = messageHeader.size + message.payload.byteLength
  const bytes = new Uint8Array(align4(length))
  const view = new DataView(bytes.buffer)
  view.setUint32(0, length, littleEndian)
  view.setUint16(4, message.type, littleEndian)
  view.setUint16(6, message.flags, littleEndian)
  view.setUint32(8, message.seq, littleEndian)
  bytes.set(message.payload, messageHeader.size)
  return bytes
}

/** The messages of one datagram. @throws NetlinkFormatError */
export function parseMessages(datagram: Uint8Array): readonly NetlinkMessage[] {
  const cursor = new Cursor(datagram, { littleEndian, context: 'netlink datagram' })
  const messages: NetlinkMessage[] = []
  while (cursor.remaining >= messageHeader.size) {
    const length = cursor.u32()
    const [type, flags, seq, pid] = [cursor.u16(), cursor.u16(), cursor.u32(), cursor.u32()]
    const payloadLength = length - messageHeader.size
    if (payloadLength < 0 || payloadLength > cursor.remaining) {
      throw new NetlinkFormatError(
        `netlink message of type ${type} claims ${length} bytes, ${cursor.remaining + messageHeader.size} remain`,
      )
    }
    messages.push({ type, flags, seq, pid, payload: cursor.bytes(payloadLength) })
    cursor.skip(Math.min(align4(length) - length, cursor.remaining))
  }
  return messages
}

export interface Acknowledgement {
  /** 0 for success, else an error number. */
  readonly errno: number
  /** The kernel's own words (NLMSGERR_ATTR_MSG), if it found any. */
  readonly text: string | undefined
}

const NLMSGERR_ATTR_MSG = 1

/** What an Error or a Done message says. @throws NetlinkFormatError, BoundsError */
export function parseAcknowledgement({ type, flags, payload }: NetlinkMessage): Acknowledgement {
  const cursor = new Cursor(payload, { littleEndian, context: 'netlink acknowledgement' })
  const errno = cursor.remaining >= 4 ? 0 - cursor.i32() : 0
  if ((flags & ackAttributes) === 0) return { errno, text: undefined }
  if (type === MessageType.Error) {
    // The request comes back, whole or its header alone, before the attributes.
    const requestLength = cursor.u32()
    cursor.skip((flags & capped) !== 0 ? messageHeader.size - 4 : Math.max(align4(requestLength) - 4, 0))
  }
  const text = attributeMap(cursor.bytes(cursor.remaining), 'netlink acknowledgement').get(NLMSGERR_ATTR_MSG)
  return { errno, text: text && decodeCString(text) }
}
