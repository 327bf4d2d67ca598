import { ValueRangeError, ValueSizeError } from '../errors'
import type { ValueCodec } from './codec'
import { formatAddress, parseAddress } from './ip'
import { u32 } from './scalars'

const lengthSize = 4

/**
 * The key of an LPM trie over addresses, `struct bpf_lpm_trie_key { __u32 prefixlen; __u8 data[size]; }`, as `10.0.0.0/8` or
 * `2001:db8::/32`. A text without a length is one address. Bits behind the prefix become zeros. `size`: bytes of the address.
 */
export function prefixCodec(size: 4 | 16): ValueCodec<string> {
  return {
    size: lengthSize + size,
    decode: (view, offset) => {
      const data = new Uint8Array(view.buffer, view.byteOffset + offset + lengthSize, size)
      return `${formatAddress(data)}/${u32.decode(view, offset)}`
    },
    encode: (value, view, offset) => {
      const { address, length } = parsePrefix(value, size)
      u32.encode(length, view, offset)
      const data = new Uint8Array(view.buffer, view.byteOffset + offset + lengthSize, size)
      for (let i = 0; i < size; i++) data[i] = (address[i] ?? 0) & maskByte(length - 8 * i)
    },
  }
}

function parsePrefix(value: unknown, size: number): { readonly address: Uint8Array; readonly length: number } {
  const [, text = '', digits] = typeof value === 'string' ? (/^([^/]+)(?:\/(\d{1,3}))?$/.exec(value) ?? []) : []
  const address = parseAddress(text)
  const length = digits === undefined ? 8 * size : Number(digits)
  if (address?.byteLength === size && length <= 8 * size) return { address, length }
  throw new ValueRangeError(`an ${size === 4 ? 'IPv4 prefix like 10.0.0.0/8' : 'IPv6 prefix like 2001:db8::/32'}`, value)
}

/** The byte of a mask that still has `bits` ones to give. */
function maskByte(bits: number): number {
  if (bits >= 8) return 0xff
  return bits <= 0 ? 0 : (0xff << (8 - bits)) & 0xff
}

/** The key of an LPM trie over anything else. */
export interface RawPrefix {
  /** Bits of `data` that count, from the highest of the first byte. */
  readonly length: number
  readonly data: Uint8Array
}

/** The key of an LPM trie, with `size` bytes of data. */
export function rawPrefixCodec(size: number): ValueCodec<RawPrefix> {
  return {
    size: lengthSize + size,
    decode: (view, offset) => ({
      length: u32.decode(view, offset),
      data: new Uint8Array(view.buffer, view.byteOffset + offset + lengthSize, size).slice(),
    }),
    encode: ({ length, data }, view, offset) => {
      if (data.byteLength !== size) throw new ValueSizeError(size, data)
      if (!(length >= 0 && length <= 8 * size)) throw new ValueRangeError(`a prefix of 0 to ${8 * size} bits`, length)
      u32.encode(length, view, offset)
      new Uint8Array(view.buffer, view.byteOffset + offset + lengthSize, size).set(data)
    },
  }
}

/** The codec for the keys of an LPM trie of this key size: readable where they can be addresses. Bytes. */
export function lpmKeyCodec(keySize: number): ValueCodec<string> | ValueCodec<RawPrefix> {
  const size = keySize - lengthSize
  return size === 4 || size === 16 ? prefixCodec(size) : rawPrefixCodec(size)
}
