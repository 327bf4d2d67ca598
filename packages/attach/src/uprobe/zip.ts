import { BpfError, Cursor, decodeCString } from '@bpf/bytes'

/** A file in an archive. */
export interface ZipMember {
  readonly name: string
  /** Where its local header begins. */
  readonly header: number
  /** Bytes in the archive. */
  readonly size: number
  /** As it is, so that it can be mapped from the archive. */
  readonly stored: boolean
}

/**
 * The layouts of PKWARE's APPNOTE.TXT that matter here, little-endian: a record at the end says where the directory is, each of its
 * entries where a member's header is, and the contents follow that.
 */
const end = { signature: 0x06054b50, size: 22, longestComment: 0xffff } as const
const entrySignature = 0x02014b50
const header = { signature: 0x04034b50, size: 30, nameLength: 26 } as const
const stored = 0
/** A number that is in a 64-bit record instead. */
const elsewhere = 0xffff_ffff

/** The members of an archive. @throws ZipError if it is none */
export function readZip(bytes: Uint8Array): readonly ZipMember[] {
  const at = findEnd(bytes)
  if (at === undefined) throw new ZipError('it is no archive: there is no directory at its end')
  const last = cursorAt(bytes, at + 10)
  const count = last.u16()
  const directorySize = last.u32()
  const directory = last.u32()
  if (directory === elsewhere) throw new ZipError('archives of more than 4 GB (ZIP64) are not read')
  if (directory + directorySize > at) throw new ZipError('its directory is not where it says')
  const cursor = new Cursor(bytes.subarray(directory, directory + directorySize), { littleEndian: true, context: 'directory of archive' })
  return Array.from({ length: Math.min(count, Math.floor(directorySize / 46)) }, () => readEntry(cursor))
}

/** Offset of a member's contents. @throws ZipError */
export function contentsOf(bytes: Uint8Array, member: ZipMember): number {
  if (member.header + header.size > bytes.byteLength || cursorAt(bytes, member.header).u32() !== header.signature)
    throw new ZipError(`"${member.name}" is not where the directory says`)
  const lengths = cursorAt(bytes, member.header + header.nameLength)
  const start = member.header + header.size + lengths.u16() + lengths.u16()
  if (start + member.size > bytes.byteLength) throw new ZipError(`"${member.name}" is cut off`)
  return start
}

function findEnd(bytes: Uint8Array): number | undefined {
  const lowest = Math.max(0, bytes.byteLength - end.size - end.longestComment)
  for (let at = bytes.byteLength - end.size; at >= lowest; at--) {
    if (bytes[at] === 0x50 && cursorAt(bytes, at).u32() === end.signature) return at
  }
  return undefined
}

function readEntry(cursor: Cursor): ZipMember {
  if (cursor.u32() !== entrySignature) throw new ZipError('its directory has an entry that is none')
  cursor.skip(6)
  const method = cursor.u16()
  cursor.skip(8)
  const size = cursor.u32()
  cursor.skip(4)
  const [nameLength, extraLength, commentLength] = [cursor.u16(), cursor.u16(), cursor.u16()]
  cursor.skip(8)
  const at = cursor.u32()
  const name = decodeCString(cursor.bytes(nameLength))
  cursor.skip(extraLength + commentLength)
  return { name, header: at, size, stored: method === stored }
}

function cursorAt(bytes: Uint8Array, offset: number): Cursor {
  return new Cursor(bytes.subarray(offset), { littleEndian: true, context: 'archive' })
}

/** An archive that contradicts itself, or is none. */
export class ZipError extends BpfError {
  override readonly name = 'ZipError'

  constructor(problem: string) {
    super('ERR_BPF_ZIP', problem)
  }
}
