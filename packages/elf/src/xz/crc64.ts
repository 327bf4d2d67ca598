/** The reversed polynomial of ECMA-182, in two halves. */
const polynomial = { high: 0xc96c5795, low: 0xd7870f42 } as const

/** CRC-64 as .xz has it, low half first. */
export function crc64(bytes: Uint8Array): readonly [low: number, high: number] {
  const table = remainders()
  let [high, low] = [-1, -1]
  for (let i = 0; i < bytes.length; i++) {
    const entry = ((low ^ (bytes[i] ?? 0)) & 0xff) * 2
    low = ((low >>> 8) | (high << 24)) ^ (table[entry] ?? 0)
    high = (high >>> 8) ^ (table[entry + 1] ?? 0)
  }
  return [~low >>> 0, ~high >>> 0]
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
