import { crc32 } from '../crc32'
import { crc64 } from './crc64'

/** Bytes behind each block, by the number in the stream's header. */
const sizes = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64] as const

/** What stands behind each block of a stream. */
export interface Check {
  /** Bytes. */
  readonly size: number
  /** Undefined for what is seldom used, SHA-256 and unknown ones, which are not looked at. */
  readonly of: ((block: Uint8Array) => Uint8Array) | undefined
}

/** Undefined for numbers that there are none of. */
export function checkOf(number: number): Check | undefined {
  const size = sizes[number]
  return size === undefined ? undefined : { size, of: sums[number] }
}

/** `xz` takes the longer one unless told otherwise. */
const sums: Readonly<Record<number, Check['of']>> = { 1: bytes => words(crc32(bytes)), 4: bytes => words(...crc64(bytes)) }

/** Numbers of 32 bits, little-endian. */
function words(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4)
  const view = new DataView(bytes.buffer)
  for (const [index, value] of values.entries()) view.setUint32(index * 4, value, true)
  return bytes
}
