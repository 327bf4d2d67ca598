import type { TokenReader } from './asm-reader'
import { SLOT_SIZE } from './slots'

/** Bytes of each value of a data directive. */
const dataSizes: Readonly<Record<string, 1 | 2 | 4 | 8>> = {
  '.byte': 1,
  '.short': 2,
  '.2byte': 2,
  '.long': 4,
  '.4byte': 4,
  '.quad': 8,
  '.8byte': 8,
}

/** What a compiler writes around code and what changes no byte of it. */
const ignored: ReadonlySet<string> = new Set([
  '.text',
  '.globl',
  '.global',
  '.weak',
  '.local',
  '.hidden',
  '.type',
  '.size',
  '.p2align',
  '.addrsig',
])

/** A directive, up to the end of its statement: the slots it lays down, none for those without effect. @throws AsmError */
export function parseDirective(reader: TokenReader, littleEndian: boolean): Uint8Array {
  const token = reader.next()
  if (ignored.has(token.text)) {
    while (reader.next().kind !== 'end');
    return new Uint8Array()
  }
  const size = Object.hasOwn(dataSizes, token.text) ? dataSizes[token.text] : undefined
  if (size === undefined) throw reader.unknown('directive', token, [...Object.keys(dataSizes), ...ignored])
  const bytes: number[] = []
  do bytes.push(...dataBytes(reader, size, littleEndian))
  while (reader.accept(','))
  reader.expectEnd()
  if (bytes.length % SLOT_SIZE !== 0) throw reader.error(`${bytes.length} bytes are not a whole number of 8-byte slots`, token)
  return Uint8Array.from(bytes)
}

function dataBytes(reader: TokenReader, size: number, littleEndian: boolean): number[] {
  const token = reader.peek()
  const value = reader.expression()
  const limit = 2n ** BigInt(size * 8)
  if (value >= limit || value < -limit / 2n) throw reader.error(`${value} does not fit in ${size} bytes`, token)
  const bytes = Array.from({ length: size }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn))
  return littleEndian ? bytes : bytes.reverse()
}
