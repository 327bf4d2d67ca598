import { XzError } from './xz-error'

/** How likely a bit is to be 0, of 2048, as it was until now; one for each situation in which a bit is read. */
export type Probabilities = Uint16Array

const certain = 2048
/** The higher, the slower a probability follows what is read. */
const inertia = 5
/** Below it, another byte is taken in, so that at least 24 bits tell what comes. */
const narrow = 2 ** 24

export function probabilities(count: number): Probabilities {
  return new Uint16Array(count).fill(certain / 2)
}

/**
 * Bits out of a number between 0 and 1, written as bytes: each bit divides what is left of the range by how likely it is to be 0,
 * and the number says which of the parts it is in. A bit that was as good as certain takes next to nothing of the bytes.
 */
export class RangeDecoder {
  readonly #bytes: Uint8Array
  #at: number
  #range = 2 ** 32 - 1
  /** Where in the range the number is. */
  #code = 0

  /** @throws XzError */
  constructor(bytes: Uint8Array) {
    if (bytes.length < 5 || bytes[0] !== 0) throw new XzError('a chunk does not begin as one')
    this.#bytes = bytes
    this.#at = 1
    for (let i = 0; i < 4; i++) this.#code = ((this.#code << 8) | this.#next()) >>> 0
  }

  /** Whether all bytes were needed, and they end where an encoder ends. @throws XzError */
  get finished(): boolean {
    this.#widen()
    return this.#at === this.#bytes.length && this.#code === 0
  }

  /** @throws XzError */
  bit(probabilities: Probabilities, index: number): 0 | 1 {
    this.#widen()
    const probability = probabilities[index] ?? 0
    const bound = (this.#range >>> 11) * probability
    if (this.#code < bound) {
      this.#range = bound
      probabilities[index] = probability + ((certain - probability) >>> inertia)
      return 0
    }
    this.#range -= bound
    this.#code -= bound
    probabilities[index] = probability - (probability >>> inertia)
    return 1
  }

  /** A number of `count` bits that are as likely 0 as 1. @throws XzError */
  evenBits(count: number): number {
    let value = 0
    for (let i = 0; i < count; i++) {
      this.#widen()
      this.#range >>>= 1
      const bit = this.#code >= this.#range ? 1 : 0
      if (bit === 1) this.#code -= this.#range
      value = value * 2 + bit
    }
    return value
  }

  /** A number of `count` bits, highest first; each has a probability for all that may stand above it. @throws XzError */
  tree(probabilities: Probabilities, start: number, count: number): number {
    let node = 1
    for (let i = 0; i < count; i++) node = (node << 1) | this.bit(probabilities, start + node)
    return node - (1 << count)
  }

  /** The same, lowest first. @throws XzError */
  reverseTree(probabilities: Probabilities, start: number, count: number): number {
    let node = 1
    let value = 0
    for (let i = 0; i < count; i++) {
      const bit = this.bit(probabilities, start + node)
      node = (node << 1) | bit
      value |= bit << i
    }
    return value
  }

  #widen(): void {
    if (this.#range >= narrow) return
    this.#range = (this.#range << 8) >>> 0
    this.#code = ((this.#code << 8) | this.#next()) >>> 0
  }

  #next(): number {
    const byte = this.#bytes[this.#at++]
    if (byte === undefined) throw new XzError('a chunk is cut off')
    return byte
  }
}
