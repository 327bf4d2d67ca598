import { isIPv4, isIPv6 } from 'node:net'

/** An address or a network of IPv4 or IPv6. */
export interface IpNetwork {
  /** `AF_INET` or `AF_INET6`. */
  readonly family: 2 | 10
  /** 4 or 16 bytes, network order. */
  readonly address: Uint8Array
  /** Bits. */
  readonly prefix: number
}

/** `10.1.0.0/16`, `2001:db8::/32`, or a single address; undefined for anything else. */
export function parseIpNetwork(text: string): IpNetwork | undefined {
  const [host = '', length, ...rest] = text.split('/')
  const address = parseIpAddress(host)
  if (address === undefined || rest.length > 0) return undefined
  const bits = address.byteLength * 8
  const prefix = length === undefined ? bits : /^\d{1,3}$/.test(length) ? Number(length) : bits + 1
  return prefix > bits ? undefined : { family: bits === 32 ? 2 : 10, address, prefix }
}

/** 4 or 16 bytes; undefined for what is no address. */
export function parseIpAddress(text: string): Uint8Array | undefined {
  if (isIPv4(text)) return Uint8Array.from(text.split('.'), Number)
  return isIPv6(text) && !text.includes('%') ? parseIpv6(text) : undefined
}

/** `text` is a valid address: groups, at most one `::`, perhaps an IPv4 address at the end. */
function parseIpv6(text: string): Uint8Array {
  const [before = '', after] = text.split('::')
  const head = groups(before)
  const tail = after === undefined ? [] : groups(after)
  const middle = new Array<number>(8 - head.length - tail.length).fill(0)
  return Uint8Array.from([...head, ...middle, ...tail].flatMap(group => [group >> 8, group & 255]))
}

function groups(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap(group => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)]
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number)
    return [(a << 8) | b, (c << 8) | d]
  })
}

/** 4 or 16 bytes as people write them: `10.1.2.3`, `2001:db8::1`. */
export function formatIpAddress(address: Uint8Array): string {
  if (address.byteLength === 4) return address.join('.')
  const view = new DataView(address.buffer, address.byteOffset, address.byteLength)
  const text = Array.from({ length: 8 }, (_, index) => view.getUint16(index * 2).toString(16)).join(':')
  // The host of a URL is written in its shortest form.
  return new URL(`http://[${text}]`).hostname.slice(1, -1)
}
