import { Cursor, decodeCString, fits } from '@bpf/bytes'

/**
 * /etc/ld.so.cache, by which the dynamic linker finds libraries (glibc, `sysdeps/generic/dl-cache.h`): a header, entries that
 * point to strings, the strings. Old caches begin with a table in an older format, which is skipped.
 */
export interface CachedLibrary {
  /** `libc.so.6`. */
  readonly name: string
  readonly path: string
  /** Tells libraries of other processors apart, see `libraryFlags`. */
  readonly flags: number
}

const magic = 'glibc-ld.so.cache1.1'
const oldMagic = 'ld.so-1.7.0'
const old = { headerSize: 16, countOffset: 12, entrySize: 12 } as const
const header = { size: 48, countOffset: 20 } as const
const entrySize = 24

/** The entries' `flags` for libraries that a process of this kind loads: ELF libraries for glibc 2, and their processor. */
export const libraryFlags: Readonly<Record<string, number>> = { x64: 0x303, arm64: 0xa03 }

/** The libraries in a cache; empty if it is in no format that we know. */
export function parseLdCache(bytes: Uint8Array): readonly CachedLibrary[] {
  const start = startOfTable(bytes)
  if (start === undefined) return []
  const table = bytes.subarray(start)
  const cursor = new Cursor(table, { littleEndian: true, context: 'ld.so.cache' })
  const count = cursor.seek(header.countOffset).u32()
  cursor.seek(header.size)
  if (!fits(header.size, count * entrySize, table.byteLength)) return []
  return Array.from({ length: count }, () => {
    const flags = cursor.u32()
    const name = textAt(table, cursor.u32())
    const path = textAt(table, cursor.u32())
    cursor.skip(entrySize - 12)
    return { flags, name, path }
  })
}

function startOfTable(bytes: Uint8Array): number | undefined {
  if (startsWith(bytes, magic, 0)) return bytes.byteLength >= header.size ? 0 : undefined
  if (!startsWith(bytes, oldMagic, 0) || bytes.byteLength < old.headerSize) return undefined
  const count = new DataView(bytes.buffer, bytes.byteOffset).getUint32(old.countOffset, true)
  const start = Math.ceil((old.headerSize + count * old.entrySize) / 8) * 8
  return startsWith(bytes, magic, start) && bytes.byteLength - start >= header.size ? start : undefined
}

function startsWith(bytes: Uint8Array, text: string, at: number): boolean {
  return at + text.length <= bytes.byteLength && [...text].every((character, index) => bytes[at + index] === character.charCodeAt(0))
}

/** Offsets count from the start of the table. */
function textAt(table: Uint8Array, offset: number): string {
  return decodeCString(table.subarray(Math.min(offset, table.byteLength)))
}
