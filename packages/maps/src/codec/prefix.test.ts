import { isIPv6 } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { viewOf } from './codec'
import { formatAddress, ipv4, ipv6, parseAddress } from './ip'
import { lpmKeyCodec, prefixCodec, rawPrefixCodec } from './prefix'

describe('addresses', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['1:0:2:0:3:0:4:0', '1:0:2:0:3:0:4:0'],
    ['::ffff:10.0.0.1', '::ffff:a00:1'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
  ])('%s is %s', (written, text) => {
    const bytes = parseAddress(written)
    expect(bytes && formatAddress(bytes)).toBe(text)
  })

  it.each([
    '',
    '10.0.0',
    '10.0.0.256',
    '10.0.0.1.2',
    '1:2:3',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8:9',
    'g::',
    '12345::',
  ])('%j is none', text => expect(parseAddress(text)).toBeUndefined())

  it('of any bytes are written as everybody reads them', () => {
    // Groups that are mostly zero, so that runs of them are common.
    const groups = fc.array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 })
    fc.assert(
      fc.property(groups, values => {
        const bytes = Uint8Array.from(values.flatMap(value => [value >> 8, value & 0xff]))
        const text = formatAddress(bytes)
        expect(isIPv6(text)).toBe(true)
        expect(new URL(`http://[${text}]`).hostname).toBe(`[${text}]`)
        expect(parseAddress(text)).toEqual(bytes)
      }),
    )
  })

  it('are values too, in network order', () => {
    const memory = new Uint8Array(20)
    ipv4.encode('10.1.2.3', viewOf(memory), 0)
    ipv6.encode('::1', viewOf(memory), 4)
    expect([...memory]).toEqual([10, 1, 2, 3, ...new Array(15).fill(0), 1])
    expect([ipv4.decode(viewOf(memory), 0), ipv6.decode(viewOf(memory), 4)]).toEqual(['10.1.2.3', '::1'])
    expect(() => ipv4.encode('::1', viewOf(memory), 0)).toThrow('expected an IPv4 address, got "::1"')
  })
})

describe('prefixes', () => {
  const encode = (size: 4 | 16, text: string) => {
    const memory = new Uint8Array(4 + size)
    prefixCodec(size).encode(text, viewOf(memory), 0)
    return [...memory]
  }

  it('are a length and the bits that count', () => {
    expect(encode(4, '10.0.0.0/8')).toEqual([8, 0, 0, 0, 10, 0, 0, 0])
    expect(encode(4, '10.255.255.255/9')).toEqual([9, 0, 0, 0, 10, 128, 0, 0])
    expect(encode(4, '10.1.2.3')).toEqual([32, 0, 0, 0, 10, 1, 2, 3])
    expect(encode(4, '0.0.0.0/0')).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
    expect(encode(16, '2001:db8::/32').slice(0, 10)).toEqual([32, 0, 0, 0, 0x20, 0x01, 0x0d, 0xb8, 0, 0])
  })

  it.each(['10.0.0.0/33', '10.0.0.0/', '10.0.0.0/-1', '10.0.0.0/8/8', '::/0', 'ten', ''])('%j is none of IPv4', text => {
    expect(() => encode(4, text)).toThrow('expected an IPv4 prefix like 10.0.0.0/8')
  })

  it('come back as they were written, without the bits that do not count', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.nat(32), (address, length) => {
        const memory = Uint8Array.from(encode(4, `${formatAddress(address)}/${length}`))
        const text = prefixCodec(4).decode(viewOf(memory), 0)
        expect(text.endsWith(`/${length}`)).toBe(true)
        expect(encode(4, text)).toEqual([...memory])
        const number = new DataView(memory.buffer).getUint32(4)
        expect(length === 32 ? 0 : number % 2 ** (32 - length)).toBe(0)
      }),
    )
  })

  it('of other things than addresses are a length and bytes', () => {
    expect([lpmKeyCodec(8).size, lpmKeyCodec(20).size, lpmKeyCodec(6).size]).toEqual([8, 20, 6])
    const codec = rawPrefixCodec(2)
    const memory = new Uint8Array(6)
    codec.encode({ length: 9, data: Uint8Array.of(1, 128) }, viewOf(memory), 0)
    expect(codec.decode(viewOf(memory), 0)).toEqual({ length: 9, data: Uint8Array.of(1, 128) })
    expect(() => codec.encode({ length: 17, data: new Uint8Array(2) }, viewOf(memory), 0)).toThrow('expected a prefix of 0 to 16 bits')
    expect(() => codec.encode({ length: 1, data: new Uint8Array(3) }, viewOf(memory), 0)).toThrow('expected 2 bytes, got 3 bytes')
  })
})
