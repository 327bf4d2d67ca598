import { describe, expect, it } from 'vitest'
import { type DispatcherConfig, decodeDispatcherConfig, encodeDispatcherConfig } from './config'

const config: DispatcherConfig = {
  frags: false,
  slots: [
    { priority: 10, chainCallActions: 0b110, frags: true },
    { priority: 50, chainCallActions: 0b100, frags: false },
  ],
}
const word = (bytes: Uint8Array, offset: number) => new DataView(bytes.buffer).getUint32(offset, true)

describe('the configuration of a dispatcher', () => {
  it('is a head of four bytes and three arrays of ten words', () => {
    const bytes = encodeDispatcherConfig(config)
    expect(bytes).toHaveLength(124)
    expect([...bytes.subarray(0, 4)]).toEqual([236, 2, 2, 0])
    expect([word(bytes, 4), word(bytes, 8), word(bytes, 12)]).toEqual([0x80000006, 0x80000004, 0])
    expect([word(bytes, 44), word(bytes, 48), word(bytes, 52)]).toEqual([10, 50, 0])
    expect([word(bytes, 84), word(bytes, 88), word(bytes, 92)]).toEqual([32, 0, 0])
  })

  it.each([config, { frags: true, slots: [] }, { frags: true, slots: config.slots.slice(0, 1) }])('is read as it was written', written => {
    expect(decodeDispatcherConfig(encodeDispatcherConfig(written))).toEqual({ version: 2, config: written })
  })

  it.each([
    ['older', 1, 84],
    ['newer', 3, 128],
  ])('of an %s version is recognised, and left alone', (_, version, size) => {
    const bytes = new Uint8Array(size)
    bytes.set([236, version, 2, 0])
    expect(decodeDispatcherConfig(bytes)).toEqual({ version, config: undefined })
  })

  it.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['other data', new Uint8Array(124)],
    ['another size', encodeDispatcherConfig(config).subarray(0, 120)],
    ['more programs than slots', encodeDispatcherConfig(config).with(2, 11)],
  ])('is not %s', (_, bytes) => {
    expect(decodeDispatcherConfig(bytes)).toBeUndefined()
  })
})
