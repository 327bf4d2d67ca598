import { createHash } from 'node:crypto'
import { crc32 } from '@bpf/elf'

export interface Check {
  /** Bytes. */
  readonly size: number
  readonly of: (bytes: Uint8Array) => Uint8Array
}

/** What stands behind each block, by the number in the stream's header. */
export const checks: Readonly<Record<number, Check>> = {
  0: { size: 0, of: () => new Uint8Array() },
  1: { size: 4, of: bytes => words(crc32(bytes)) },
  4: { size: 8, of: crc64 },
  10: { size: 32, of: bytes => createHash('sha256').update(bytes).digest() },
}

/** The reversed polynomial of ECMA-182, in two halves. */
const polynomial = { high: 0xc96c5795, low: 0xd7870f42 } as const

/** CRC-64: `xz` takes it unless told otherwise. */
function crc64(bytes: Uint8Array): Uint8Array {
  const table = remainders()
  let [high, low] = [-1, -1]
  for (let i = 0; i < bytes.length; i++) {
    const entry = ((low ^ (bytes[i] ?? 0)) & 0xff) * 2
    low = ((low >>> 8) | (high << 24)) ^ (table[entry] ?? 0)
    high = (high >>> 8) ^ (table[entry + 1] ?? 0)
  }
  return words(~low, ~high)
}

/** Of all bytes, low half first. */
function remainders(): Int32Array {
  const table = new Int32Array(512)
  for (let byte = 0; byte < 256; byte++) {
    let [high, low] = [0, byte]
    for (let bit = 0; bit < 8; bit++) {
      const isOdd = (low & 1) === 1
      low = (low >>> 1) | (high << 31)
      high >>>= 1
      if (isOdd) {
        low ^= polynomial.low
        high ^= polynomial.high
      }
    }
    table.set([low, high], byte * 2)
  }
  return table
}

/** Numbers of 32 bits, little-endian. */
function words(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4)
  const view = new DataView(bytes.buffer)
  for (const [index, value] of values.entries()) view.setUint32(index * 4, value >>> 0, true)
  return bytes
}
