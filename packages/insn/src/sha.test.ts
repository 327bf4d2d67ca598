import { toHex } from '@bpf/bytes'
import { describe, expect, it } from 'vitest'
import { sha1 } from './sha1'
import { sha256 } from './sha256'

const utf8 = (text: string) => new TextEncoder().encode(text)

/** The examples of FIPS 180-4 and lengths around the edges of a block, where the padding changes shape. */
const vectors: readonly { message: Uint8Array; sha1: string; sha256: string }[] = [
  {
    message: utf8(''),
    sha1: 'da39a3ee5e6b4b0d3255bfef95601890afd80709',
    sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  },
  {
    message: utf8('abc'),
    sha1: 'a9993e364706816aba3e25717850c26c9cd0d89d',
    sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  },
  {
    message: utf8('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq'),
    sha1: '84983e441c3bd26ebaae4aa1f95129e5e54670f1',
    sha256: '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  },
  {
    message: new Uint8Array(55).fill(0x61),
    sha1: 'c1c8bbdc22796e28c0e15163d20899b65621d65a',
    sha256: '9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318',
  },
  {
    message: new Uint8Array(56).fill(0x61),
    sha1: 'c2db330f6083854c99d4b5bfb6e8f29f201be699',
    sha256: 'b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a',
  },
  {
    message: new Uint8Array(63).fill(0x61),
    sha1: '03f09f5b158a7a8cdad920bddc29b81c18a551f5',
    sha256: '7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34',
  },
  {
    message: new Uint8Array(64).fill(0x61),
    sha1: '0098ba824b5c16427bd7a1122a5a442a25ec644d',
    sha256: 'ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb',
  },
  {
    message: new Uint8Array(65).fill(0x61),
    sha1: '11655326c708d70319be2610e8a57d9a5b959d3b',
    sha256: '635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0',
  },
  {
    message: new Uint8Array(1_000_000).fill(0x61),
    sha1: '34aa973cd4c4daa4f61eeb2bdbad27316534016f',
    sha256: 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0',
  },
]

describe('sha1 and sha256', () => {
  for (const vector of vectors) {
    it(`of ${vector.message.length} bytes`, () => {
      expect(toHex(sha1(vector.message))).toBe(vector.sha1)
      expect(toHex(sha256(vector.message))).toBe(vector.sha256)
    })
  }

  it('hash a window of a buffer, not the whole of it', () => {
    expect(sha256(utf8('xxabcxx').subarray(2, 5))).toEqual(sha256(utf8('abc')))
    expect(sha1(utf8('xxabcxx').subarray(2, 5))).toEqual(sha1(utf8('abc')))
  })
})
