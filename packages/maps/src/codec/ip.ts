import { ValueRangeError } from '../errors'
import type { DeclaredCodec } from './scalars'

/** Bytes of an IPv4 or IPv6 address in network order; undefined if the text is neither. */
export function parseAddress(text: string): Uint8Array | undefined {
  return parseIpv4(text) ?? parseIpv6(text)
}

/** The usual text of 4 or 16 bytes: `10.0.0.1`, `2001:db8::1` (RFC 5952). */
export function formatAddress(bytes: Uint8Array): string {
  return bytes.byteLength === 4 ? bytes.join('.') : formatIpv6(bytes)
}

function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split('.')
  const bytes = parts.map(Number)
  if (parts.length !== 4 || parts.some((part, i) => !/^\d{1,3}$/.test(part) || (bytes[i] ?? 256) > 255)) return undefined
  return Uint8Array.from(bytes)
}

const groupCount = 8

function parseIpv6(text: string): Uint8Array | undefined {
  const [head = '', tail, ...more] = text.split('::')
  if (more.length > 0) return undefined
  const before = parseGroups(head)
  const after = tail === undefined ? [] : parseGroups(tail)
  if (before === undefined || after === undefined) return undefined
  const missing = groupCount - before.length - after.length
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined
  const groups = [...before, ...new Array<number>(missing).fill(0), ...after]
  return Uint8Array.from(groups.flatMap(group => [group >> 8, group & 0xff]))
}

/** Groups of 16 bits; the last two may be written as an IPv4 address. */
function parseGroups(text: string): number[] | undefined {
  if (text === '') return []
  const groups: number[] = []
  const parts = text.split(':')
  for (const [i, part] of parts.entries()) {
    const ipv4 = i === parts.length - 1 ? parseIpv4(part) : undefined
    if (ipv4 !== undefined) for (let at = 0; at < 4; at += 2) groups.push(((ipv4[at] ?? 0) << 8) | (ipv4[at + 1] ?? 0))
    else if (/^[\da-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16))
    else return undefined
  }
  return groups
}

function formatIpv6(bytes: Uint8Array): string {
  const groups = Array.from({ length: groupCount }, (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0))
  const zeros = longestZeros(groups)
  const hex = groups.map(group => group.toString(16))
  if (zeros.length < 2) return hex.join(':')
  return `${hex.slice(0, zeros.start).join(':')}::${hex.slice(zeros.start + zeros.length).join(':')}`
}

/** The first of the longest runs of zeros. */
function longestZeros(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 }
  for (let start = 0; start < groups.length; start++) {
    let length = 0
    while (groups[start + length] === 0) length++
    if (length > best.length) best = { start, length }
  }
  return best
}

/** An address in network byte order, as `10.0.0.1` or `2001:db8::1`. */
function address(size: 4 | 16, family: string): DeclaredCodec<string> {
  return {
    size,
    // `struct in_addr` and `struct in6_addr` hold 32-bit words.
    align: 4,
    decode: (view, offset) => formatAddress(new Uint8Array(view.buffer, view.byteOffset + offset, size)),
    encode: (value, view, offset) => {
      const bytes = typeof value === 'string' ? parseAddress(value) : undefined
      if (bytes?.byteLength !== size) throw new ValueRangeError(`an ${family} address`, value)
      new Uint8Array(view.buffer, view.byteOffset + offset, size).set(bytes)
    },
  }
}

/** `struct in_addr`, as `10.0.0.1`. */
export const ipv4 = /* @__PURE__ */ address(4, 'IPv4')
/** `struct in6_addr`, as `2001:db8::1`. */
export const ipv6 = /* @__PURE__ */ address(16, 'IPv6')
