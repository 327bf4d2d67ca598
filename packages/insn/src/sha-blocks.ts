/** Bytes that SHA-1 and SHA-256 take at once. */
const BLOCK_SIZE = 64

/**
 * Feeds a message to a compression function block by block, with the padding both hashes use: a one bit, zeros, and the
 * length in bits as 64 bits, big-endian.
 */
export function forEachBlock(message: Uint8Array, compress: (block: DataView) => void): void {
  const whole = message.length - (message.length % BLOCK_SIZE)
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength)
  for (let at = 0; at < whole; at += BLOCK_SIZE) compress(new DataView(view.buffer, view.byteOffset + at, BLOCK_SIZE))

  const rest = message.subarray(whole)
  const tail = new Uint8Array(rest.length < BLOCK_SIZE - 8 ? BLOCK_SIZE : 2 * BLOCK_SIZE)
  tail.set(rest)
  tail[rest.length] = 0x80
  const end = new DataView(tail.buffer)
  end.setBigUint64(tail.length - 8, BigInt(message.length) * 8n)
  for (let at = 0; at < tail.length; at += BLOCK_SIZE) compress(new DataView(tail.buffer, at, BLOCK_SIZE))
}

/** The state words as a digest, big-endian. */
export function digestOf(state: Int32Array): Uint8Array {
  const digest = new Uint8Array(state.length * 4)
  const view = new DataView(digest.buffer)
  for (const [i, word] of state.entries()) view.setInt32(i * 4, word)
  return digest
}

/** Element of an array that is known to be long enough. */
export const word = (words: Int32Array, i: number): number => words[i] ?? 0
