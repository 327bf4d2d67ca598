import { digestOf, forEachBlock, word } from './sha-blocks'

/** FIPS 180-4 SHA-256: 32 bytes. Program tags are made of it since Linux 6.18. */
export function sha256(message: Uint8Array): Uint8Array {
  const state = fractions(8, 1 / 2)
  const schedule = new Int32Array(64)
  forEachBlock(message, block => compress(state, schedule, block))
  return digestOf(state)
}

function compress(state: Int32Array, schedule: Int32Array, block: DataView): void {
  for (let i = 0; i < 16; i++) schedule[i] = block.getInt32(i * 4)
  for (let i = 16; i < 64; i++) {
    const x = word(schedule, i - 15)
    const y = word(schedule, i - 2)
    const s0 = rotateRight(x, 7) ^ rotateRight(x, 18) ^ (x >>> 3)
    const s1 = rotateRight(y, 17) ^ rotateRight(y, 19) ^ (y >>> 10)
    schedule[i] = word(schedule, i - 16) + s0 + word(schedule, i - 7) + s1
  }

  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state
  for (let i = 0; i < 64; i++) {
    const s1 = rotateRight(e, 6) ^ rotateRight(e, 11) ^ rotateRight(e, 25)
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + word(constants, i) + word(schedule, i)) | 0
    const s0 = rotateRight(a, 2) ^ rotateRight(a, 13) ^ rotateRight(a, 22)
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + t1) | 0
    d = c
    c = b
    b = a
    a = (t1 + t2) | 0
  }
  for (const [i, value] of [a, b, c, d, e, f, g, h].entries()) state[i] = word(state, i) + value
}

/** The standard's "nothing up my sleeve" numbers: the first 32 fraction bits of `prime ** power` for the first primes. */
function fractions(count: number, power: number): Int32Array {
  const values = new Int32Array(count)
  for (let candidate = 2, found = 0; found < count; candidate++) {
    if (!isPrime(candidate)) continue
    const root = candidate ** power
    values[found++] = (root - Math.floor(root)) * 2 ** 32
  }
  return values
}

function isPrime(n: number): boolean {
  for (let factor = 2; factor * factor <= n; factor++) if (n % factor === 0) return false
  return true
}

const constants = /* @__PURE__ */ fractions(64, 1 / 3)

const rotateRight = (x: number, count: number): number => (x >>> count) | (x << (32 - count))
