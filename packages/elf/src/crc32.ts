/** Remainders of all bytes by the reversed CRC-32 polynomial (IEEE 802.3). */
function makeTable(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let remainder = byte
    for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0xedb88320 : 0)
    return remainder
  })
}

const table = /* @__PURE__ */ makeTable()

/** CRC-32 as zlib, gzip and `.gnu_debuglink` use it; `previous` continues over several pieces. */
export function crc32(bytes: Uint8Array, previous = 0): number {
  let crc = ~previous
  // Files of debug information are large, and iterating by `of` is five times slower.
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ (table[(crc ^ (bytes[i] ?? 0)) & 0xff] ?? 0)
  return ~crc >>> 0
}
