import { type Probabilities, probabilities, type RangeDecoder } from './range-decoder'
import { XzError } from './xz-error'

/** Bits of what stands before that the probabilities of what follows depend on. */
export interface LzmaProperties {
  /** The highest bits of the byte before a literal. */
  readonly literalContext: number
  /** The lowest bits of a literal's position. */
  readonly literalPosition: number
  /** The lowest bits of the position, for everything else. */
  readonly position: number
}

/** `lc`, `lp` and `pb` in one byte. @throws XzError */
export function lzmaProperties(byte: number): LzmaProperties {
  const [literalContext, literalPosition, position] = [byte % 9, Math.floor(byte / 9) % 5, Math.floor(byte / 45)]
  if (position > 4 || literalContext + literalPosition > 4) throw new XzError(`properties ${byte} are impossible`)
  return { literalContext, literalPosition, position }
}

/** Where decoded bytes go; matches are copies of what is there already. */
export interface LzmaOutput {
  readonly bytes: Uint8Array
  /** The first byte that matches may copy. */
  start: number
  /** The next byte to be written. */
  at: number
}

/** What the last symbols were, oldest first forgotten: below 7, a literal was the last. */
const states = 12
const positionStates = 16
const firstStateAfterMatch = 7
const shortestMatch = 2

const stateAfterLiteral = [0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 4, 5] as const
/** For each kind of match: after a literal, after a match. */
const stateAfter = { match: [7, 10], repeat: [8, 11], single: [9, 11] } as const

/** Bits 3, 3 and 8 wide, of which two more bits tell which it is. */
class LengthDecoder {
  readonly #choice = probabilities(2)
  readonly #short = probabilities(positionStates << 3)
  readonly #middle = probabilities(positionStates << 3)
  readonly #long = probabilities(1 << 8)

  decode(range: RangeDecoder, positionState: number): number {
    if (range.bit(this.#choice, 0) === 0) return shortestMatch + range.tree(this.#short, positionState << 3, 3)
    if (range.bit(this.#choice, 1) === 0) return shortestMatch + 8 + range.tree(this.#middle, positionState << 3, 3)
    return shortestMatch + 16 + range.tree(this.#long, 0, 8)
  }
}

/** Slots of distances: the first four are distances, others are the two highest bits and how many follow. */
const distanceSlots = 64
const firstSlotWithEvenBits = 14
/** The lowest bits of far distances, which are not as likely 0 as 1. */
const alignBits = 4

class DistanceDecoder {
  /** By the length of the match, as far as it is short. */
  readonly #slot = probabilities(4 * distanceSlots)
  readonly #near = probabilities(1 + 128 - firstSlotWithEvenBits)
  readonly #align = probabilities(1 << alignBits)

  decode(range: RangeDecoder, length: number): number {
    const slot = range.tree(this.#slot, Math.min(length - shortestMatch, 3) * distanceSlots, 6)
    if (slot < 4) return slot
    const bits = (slot >> 1) - 1
    const base = (2 | (slot & 1)) * 2 ** bits
    if (slot < firstSlotWithEvenBits) return base + range.reverseTree(this.#near, base - slot, bits)
    return base + range.evenBits(bits - alignBits) * (1 << alignBits) + range.reverseTree(this.#align, 0, alignBits)
  }
}

/** The state of an LZMA decoder, which lasts over chunks: what it expects, and the last four distances. */
export class LzmaDecoder {
  readonly #properties: LzmaProperties
  readonly #literal: Probabilities
  readonly #isMatch = probabilities(states * positionStates)
  readonly #isRepeat = probabilities(states)
  readonly #isOlder = probabilities(states)
  readonly #isMoreThanOne = probabilities(states * positionStates)
  readonly #isSecondOlder = probabilities(states)
  readonly #isThirdOlder = probabilities(states)
  readonly #length = new LengthDecoder()
  readonly #repeatLength = new LengthDecoder()
  readonly #distance = new DistanceDecoder()
  #state = 0
  /** How far back a match begins, less one; the latest first. */
  #distances: [number, number, number, number] = [0, 0, 0, 0]

  constructor(properties: LzmaProperties) {
    this.#properties = properties
    this.#literal = probabilities(0x300 << (properties.literalContext + properties.literalPosition))
  }

  /** Writes `size` bytes. @throws XzError */
  decode(range: RangeDecoder, output: LzmaOutput, size: number): void {
    const end = output.at + size
    const positionMask = (1 << this.#properties.position) - 1
    while (output.at < end) {
      const positionState = (output.at - output.start) & positionMask
      const situation = (this.#state << 4) | positionState
      if (range.bit(this.#isMatch, situation) === 0) {
        this.#decodeLiteral(range, output)
      } else {
        const length = this.#decodeMatch(range, positionState, situation)
        copyMatch(output, this.#distances[0], length, end)
      }
    }
    if (!range.finished) throw new XzError('a chunk does not end where it should')
  }

  /** A byte that begins no match. After a match it differs from the byte that would have continued it, which is told bit by bit. */
  #decodeLiteral(range: RangeDecoder, output: LzmaOutput): void {
    const { literalContext, literalPosition } = this.#properties
    const position = output.at - output.start
    const before = position === 0 ? 0 : (output.bytes[output.at - 1] ?? 0)
    const context = ((position & ((1 << literalPosition) - 1)) << literalContext) | (before >> (8 - literalContext))
    const table = context * 0x300
    let symbol = 1
    if (this.#state >= firstStateAfterMatch) {
      let expected = byteBack(output, this.#distances[0]) | 0x100
      // As long as the bits are those expected.
      while (symbol < 0x100 && expected >> 8 === symbol) {
        expected <<= 1
        const half = ((expected >> 8) & 1) === 1 ? 0x200 : 0x100
        symbol = (symbol << 1) | range.bit(this.#literal, table + half + symbol)
      }
    }
    while (symbol < 0x100) symbol = (symbol << 1) | range.bit(this.#literal, table + symbol)
    output.bytes[output.at++] = symbol & 0xff
    this.#state = stateAfterLiteral[this.#state] ?? 0
  }

  /** The length of a match, whose distance is the latest then. */
  #decodeMatch(range: RangeDecoder, positionState: number, situation: number): number {
    const state = this.#state
    if (range.bit(this.#isRepeat, state) === 0) {
      const length = this.#length.decode(range, positionState)
      const [first, second, third] = this.#distances
      this.#distances = [this.#distance.decode(range, length), first, second, third]
      this.#follow('match')
      return length
    }
    if (range.bit(this.#isOlder, state) === 1) this.#distances = this.#olderFirst(range, state)
    else if (range.bit(this.#isMoreThanOne, situation) === 0) {
      this.#follow('single')
      return 1
    }
    this.#follow('repeat')
    return this.#repeatLength.decode(range, positionState)
  }

  #olderFirst(range: RangeDecoder, state: number): [number, number, number, number] {
    const [first, second, third, fourth] = this.#distances
    if (range.bit(this.#isSecondOlder, state) === 0) return [second, first, third, fourth]
    return range.bit(this.#isThirdOlder, state) === 0 ? [third, first, second, fourth] : [fourth, first, second, third]
  }

  #follow(kind: keyof typeof stateAfter): void {
    this.#state = stateAfter[kind][this.#state < firstStateAfterMatch ? 0 : 1]
  }
}

function byteBack({ bytes, start, at }: LzmaOutput, distance: number): number {
  if (distance >= at - start) throw new XzError('a match begins before there is anything')
  return bytes[at - distance - 1] ?? 0
}

/** Byte by byte: a match may overlap what it makes. */
function copyMatch(output: LzmaOutput, distance: number, length: number, end: number): void {
  if (distance >= output.at - output.start) throw new XzError('a match begins before there is anything')
  if (output.at + length > end) throw new XzError('a match goes beyond its chunk')
  const { bytes } = output
  let from = output.at - distance - 1
  for (let i = 0; i < length; i++) bytes[output.at++] = bytes[from++] ?? 0
}
