import { UsageError } from '@bpf/terminal'
import { parseVariableValue } from '../load/variable-value'

/** One side of an element: a key or a value. */
export interface ElementShape {
  readonly noun: 'key' | 'value'
  /** Bytes. */
  readonly size: number
  /** Whether BTF says what it is. */
  readonly typed: boolean
}

export interface ElementWords {
  readonly key: readonly string[]
  readonly value: readonly string[]
}

/**
 * Takes keys and values apart: `key 1 0 0 0 value 7`, or without the keywords, if each is one word.
 *
 * @throws UsageError
 */
export function splitWords(words: readonly string[]): ElementWords {
  const start = words[0] === 'key' ? 1 : 0
  const at = words.indexOf('value')
  if (at >= start) return { key: words.slice(start, at), value: words.slice(at + 1) }
  const [key, value, ...others] = words.slice(start)
  if (key === undefined || value === undefined || others.length > 0) {
    throw new UsageError('a key and a value are needed', 'say key KEY value VALUE')
  }
  return { key: [key], value: [value] }
}

/**
 * What the user wrote for a key or a value: `hex 01 ff`, bytes in decimal or with 0x as bpftool takes them, or one typed value
 * (`42`, `{"pid":1}`, `10.0.0.0/8`). Bytes come back as a Uint8Array; so does a number where nobody knows the type.
 *
 * @throws UsageError
 */
export function parseElement(words: readonly string[], shape: ElementShape): unknown {
  const [first, ...others] = words[0] === shape.noun ? words.slice(1) : words
  if (first === undefined) throw new UsageError(`the ${shape.noun} is missing`, elementHint)
  if (first === 'hex') return sized(parseHex(others, shape), shape)
  if (others.length > 0)
    return sized(
      Uint8Array.from([first, ...others], word => parseByte(word, shape)),
      shape,
    )
  const value = parseOne(first, shape)
  const isNumber = typeof value === 'number' || typeof value === 'bigint'
  return !shape.typed && isNumber ? littleEndianBytes(BigInt(value), shape) : value
}

const elementHint = 'a number, text, JSON, or hex 00 01 …'

function parseOne(word: string, { noun }: ElementShape): unknown {
  try {
    return parseVariableValue(word)
  } catch {
    throw new UsageError(`${noun} ${word}: not JSON`, elementHint)
  }
}

function parseHex(words: readonly string[], { noun }: ElementShape): Uint8Array {
  const digits = words.map(word => (word.length === 1 ? `0${word}` : word)).join('')
  if (!/^(?:[0-9a-f]{2})+$/i.test(digits)) throw new UsageError(`${noun} hex ${words.join(' ')}: not pairs of hex digits`)
  return Uint8Array.from(digits.match(/../g) ?? [], pair => Number.parseInt(pair, 16))
}

function parseByte(word: string, { noun }: ElementShape): number {
  const byte = /^(?:\d+|0x[0-9a-f]+)$/i.test(word) ? Number(word) : Number.NaN
  if (!(byte <= 0xff)) throw new UsageError(`${noun}: ${word} is no byte`, elementHint)
  return byte
}

function sized(bytes: Uint8Array, { noun, size }: ElementShape): Uint8Array {
  if (bytes.byteLength !== size) throw new UsageError(`the ${noun} is ${size} bytes, got ${bytes.byteLength}`)
  return bytes
}

/** The machine is little-endian, or this would not run. */
function littleEndianBytes(value: bigint, { noun, size }: ElementShape): Uint8Array {
  const bits = 8 * size
  if (BigInt.asUintN(bits, value) !== value && BigInt.asIntN(bits, value) !== value) {
    throw new UsageError(`${noun} ${value}: does not fit into ${size} bytes`)
  }
  const bytes = new Uint8Array(size)
  for (let at = 0, rest = BigInt.asUintN(bits, value); at < size; at++, rest >>= 8n) bytes[at] = Number(rest & 0xffn)
  return bytes
}
