import { digestOf, forEachBlock, word } from './sha-blocks'

/** FIPS 180-4 SHA-1: 20 bytes. Here because program tags of kernels before 6.18 are made of it, not for security. */
export function sha1(message: Uint8Array): Uint8Array {
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0)
  const schedule = new Int32Array(80)
  forEachBlock(message, block => compress(state, schedule, block))
  return digestOf(state)
}

/** Twenty rounds each: the mixing function and its constant. */
const stages: readonly { readonly mix: (b: number, c: number, d: number) => number; readonly constant: number }[] = [
  { mix: (b, c, d) => (b & c) | (~b & d), constant: 0x5a827999 },
  { mix: (b, c, d) => b ^ c ^ d, constant: 0x6ed9eba1 },
  { mix: (b, c, d) => (b & c) | (b & d) | (c & d), constant: 0x8f1bbcdc },
  { mix: (b, c, d) => b ^ c ^ d, constant: 0xca62c1d6 },
]

function compress(state: Int32Array, schedule: Int32Array, block: DataView): void {
  for (let i = 0; i < 16; i++) schedule[i] = block.getInt32(i * 4)
  for (let i = 16; i < 80; i++) {
    schedule[i] = rotateLeft(word(schedule, i - 3) ^ word(schedule, i - 8) ^ word(schedule, i - 14) ^ word(schedule, i - 16), 1)
  }

  let [a = 0, b = 0, c = 0, d = 0, e = 0] = state
  let round = 0
  for (const { mix, constant } of stages) {
    for (const end = round + 20; round < end; round++) {
      const next = (rotateLeft(a, 5) + mix(b, c, d) + e + constant + word(schedule, round)) | 0
      e = d
      d = c
      c = rotateLeft(b, 30)
      b = a
      a = next
    }
  }
  for (const [i, value] of [a, b, c, d, e].entries()) state[i] = word(state, i) + value
}

const rotateLeft = (x: number, count: number): number => (x << count) | (x >>> (32 - count))
