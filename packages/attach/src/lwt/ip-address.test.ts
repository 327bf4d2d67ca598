import { describe, expect, it } from 'vitest'
import { formatIpAddress, parseIpAddress, parseIpNetwork } from './ip-address'

const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('hex')

describe('an address', () => {
  it.each([
    ['10.1.2.3', '0a010203'],
    ['::', '00000000000000000000000000000000'],
    ['::1', '00000000000000000000000000000001'],
    ['2001:db8::', '20010db8000000000000000000000000'],
    ['2001:db8::8:1', '20010db8000000000000000000080001'],
    ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
    ['::ffff:10.1.2.3', '00000000000000000000ffff0a010203'],
  ])('%s', (text, bytes) => {
    expect(hex(parseIpAddress(text))).toBe(bytes)
  })

  it.each(['10.1.2.3', '0.0.0.0', '::', '::1', '2001:db8::8:1', '1:2:3:4:5:6:7:8'])('%s is written as it is read', text => {
    expect(formatIpAddress(parseIpAddress(text) ?? new Uint8Array())).toBe(text)
  })

  it.each(['', '10.1.2', '10.1.2.300', '1::2::3', 'fe80::1%eth0', 'host'])('%j is none', text => {
    expect(parseIpAddress(text)).toBeUndefined()
  })
})

describe('a network', () => {
  it.each([
    ['10.1.0.0/16', 2, 16],
    ['0.0.0.0/0', 2, 0],
    ['10.1.2.3', 2, 32],
    ['2001:db8::/32', 10, 32],
    ['::1', 10, 128],
  ])('%s', (text, family, prefix) => {
    expect(parseIpNetwork(text)).toMatchObject({ family, prefix })
  })

  it.each(['10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '::/129', 'x/8'])('%j is none', text => {
    expect(parseIpNetwork(text)).toBeUndefined()
  })
})
