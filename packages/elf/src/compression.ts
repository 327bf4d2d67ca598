import { Cursor } from '@bpf/bytes'
import { ElfError } from './errors'
import { RecordSize } from './header'

/** `ch_type`. */
export const CompressionType = { Zlib: 1, Zstd: 2 } as const

/** The header of a compressed section (`Elf64_Chdr`) and what follows it. */
export interface CompressedContents {
  /** `CompressionType`. */
  readonly type: number
  /** Claimed size of the contents in bytes; not checked until they are decompressed. */
  readonly size: number
  readonly alignment: number
  /** The compressed stream, sharing memory with the file. */
  readonly data: Uint8Array
}

/**
 * Decompresses a section, e.g. `data => zlib.inflateSync(data, { maxOutputLength: size })`.
 *
 * `type` is a `CompressionType`; the result must be exactly `size` bytes long, a size that the length of `data` makes possible.
 */
export type Inflate = (data: Uint8Array, compression: { readonly type: number; readonly size: number }) => Uint8Array

/** Bytes that one compressed byte can stand for at most: DEFLATE's longest match, ZSTD's run-length block of 128 KiB. */
const maxRatios: ReadonlyMap<number, number> = new Map([
  [CompressionType.Zlib, 1032],
  [CompressionType.Zstd, 32768],
])

/** Splits the stored bytes of a compressed section. @throws ElfError */
export function parseCompressed(stored: Uint8Array, littleEndian: boolean, section: string, offset: number): CompressedContents {
  if (stored.length < RecordSize.CompressionHeader) {
    throw new ElfError('ERR_BPF_ELF_COMPRESSION', `${section}: ${stored.length} bytes hold no compression header`, { section, offset })
  }
  const c = new Cursor(stored, { littleEndian, context: `section ${section}` })
  const type = c.u32()
  c.skip(4)
  return { type, size: c.size64(), alignment: c.size64(), data: stored.subarray(RecordSize.CompressionHeader) }
}

/** Runs the caller's decompressor, and holds the section to its claimed size. @throws ElfError */
export function decompress({ type, size, data }: CompressedContents, inflate: Inflate, section: string, offset: number): Uint8Array {
  const error = (message: string, cause?: unknown) =>
    new ElfError('ERR_BPF_ELF_COMPRESSION', `${section}: ${message}`, { section, offset, cause })
  const maxRatio = maxRatios.get(type)
  if (maxRatio === undefined) throw error(`unknown compression type ${type}`)
  if (size > data.length * maxRatio) throw error(`${data.length} compressed bytes cannot be the claimed ${size} bytes`)
  const contents = attempt(
    () => inflate(data, { type, size }),
    cause => error('cannot be decompressed', cause),
  )
  if (contents.length !== size) throw error(`decompressed to ${contents.length} bytes, but the header says ${size}`)
  return contents
}

function attempt<T>(action: () => T, wrap: (cause: unknown) => ElfError): T {
  try {
    return action()
  } catch (cause) {
    throw wrap(cause)
  }
}
