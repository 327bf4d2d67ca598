/** Most that a block of the legacy format becomes. */
const blockSize = 8 << 20
const shortestMatch = 4
/** A length of 15 in a token goes on in the bytes that follow, each of 255 in the next. */
const lengthGoesOn = 15

/**
 * Unpacks LZ4's legacy frame, in which Linux compresses itself: the magic, then blocks, each behind its compressed size in 32
 * bits (lz4_Frame_format.md).
 * @throws RangeError if it is damaged
 */
export function unpackLz4(data: Uint8Array): Uint8Array {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const blocks: Uint8Array[] = []
  let at = 4
  while (at + 4 <= data.length) {
    const size = view.getUint32(at, true)
    at += 4
    if (size > data.length - at) throw new RangeError(`block of ${size} bytes is past the end`)
    blocks.push(unpackBlock(data.subarray(at, at + size)))
    at += size
  }
  return Buffer.concat(blocks)
}

function unpackBlock(block: Uint8Array): Uint8Array {
  const out = new Uint8Array(blockSize)
  let at = 0
  let end = 0
  const byte = (): number => {
    const value = block[at++]
    if (value === undefined) throw new RangeError('block ends too early')
    return value
  }
  const length = (start: number): number => {
    let total = start
    for (let more = start === lengthGoesOn ? 255 : 0; more === 255; total += more) more = byte()
    return total
  }
  while (at < block.length) {
    const token = byte()
    const literals = length(token >> 4)
    out.set(block.subarray(at, at + literals), end)
    at += literals
    end += literals
    // The last sequence is of literals only.
    if (at >= block.length) break
    const distance = byte() | (byte() << 8)
    const match = length(token & 15) + shortestMatch
    if (distance === 0 || distance > end || match > blockSize - end) throw new RangeError('match outside of the block')
    // Byte by byte: a match may overlap what it makes.
    for (const stop = end + match; end < stop; end++) out[end] = out[end - distance] as number
  }
  return out.slice(0, end)
}
