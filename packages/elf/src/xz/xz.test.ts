import { BpfError, Cursor } from '@bpf/bytes'
import { fuzz, fuzzSettings, readFixture } from '@bpf/fixtures'
import { describe, expect, it } from 'vitest'
import { parseElf } from '../parse'
import { sectionByName, sectionData } from '../section-data'
import { decodeLzma2 } from './lzma2'
import { decodeXz } from './xz'

const limit = 64 * 1024 * 1024
const elf = parseElf(await readFixture('elf/probes-mini.elf'))
const section = sectionByName(elf, '.gnu_debugdata')
const stream = section === undefined ? new Uint8Array() : sectionData(elf, section)

/** The footer says how long the index is, in words. */
const indexStart = stream.length - 12 - ((stream[stream.length - 8] ?? 0) + 1) * 4

const edited = (change: (bytes: Uint8Array) => void, bytes = stream.slice()) => {
  change(bytes)
  return bytes
}
const set = (at: number, value: number) => edited(bytes => bytes.fill(value, at, at + 1))

describe('an .xz stream', () => {
  it('is decompressed', () => {
    expect(parseElf(decodeXz(stream, limit)).sections.map(({ name }) => name)).toContain('.symtab')
  })

  it.each([
    ['nothing', new Uint8Array(), 'it is no .xz stream'],
    ['something else', new TextEncoder().encode('#!/bin/sh\nexec something else\n'), 'it is no .xz stream'],
    ['one without its end', stream.subarray(0, -12), 'its footer is damaged'],
    ['one with a byte behind it', edited(() => {}, new Uint8Array([...stream, 0])), 'its footer is damaged'],
    ['one with another check', set(7, 9), 'its header is damaged'],
    ['one whose block says something else', set(14, 9), "its block's header is damaged"],
    ['one whose index says something else', set(stream.length - 17, 9), 'its index is damaged'],
    ['one with the check of another', set(indexStart - 1, 0), 'it is damaged: its check does not match'],
  ])('is not %s', (_, bytes, message) => {
    expect(() => decodeXz(bytes, limit)).toThrow(BpfError)
    expect(() => decodeXz(bytes, limit)).toThrow(message)
  })

  it('is not decompressed where it is larger than is wanted', () => {
    const { length } = decodeXz(stream, limit)
    expect(decodeXz(stream, length)).toHaveLength(length)
    expect(() => decodeXz(stream, length - 1)).toThrow(`it is ${length} bytes decompressed, and more than ${length - 1} are not taken`)
  })
})

describe('what xz makes', () => {
  const lines = new TextEncoder().encode(Array.from({ length: 1000 }, (_, i) => `function_${i + 1} ${i + 1}\n`).join(''))

  it('of lines is the lines', async () => {
    expect(decodeXz(await readFixture('elf/xz/lines.xz'), limit)).toEqual(lines)
  })

  it('of what cannot be made smaller is stored as it is', async () => {
    expect(decodeXz(await readFixture('elf/xz/noise.xz'), limit)).toEqual(await readFixture('elf/xz/lines.xz'))
  })

  it.each(['fast', 'best', 'no-check', 'crc32', 'sha256', 'blocks', 'low-position', 'literal-context', 'small-dictionary'])(
    'of both is what it was before: %s',
    async name => {
      const noise = await readFixture('elf/xz/lines.xz')
      expect(decodeXz(await readFixture(`elf/xz/${name}.xz`), limit)).toEqual(new Uint8Array([...lines, ...noise, ...lines]))
    },
  )

  it('of zeros is no smaller than a stream can be', async () => {
    expect(decodeXz(await readFixture('elf/xz/zeros.xz'), limit).length).toBe(32 * 1024 * 1024)
  })

  it('of nothing is nothing', async () => {
    expect(decodeXz(await readFixture('elf/xz/nothing.xz'), limit)).toHaveLength(0)
  })

  it('with a filter for code before it is refused', async () => {
    const stream = await readFixture('elf/xz/x86.xz')
    expect(() => decodeXz(stream, limit)).toThrow('it is compressed with other filters than LZMA2 alone')
  })
})

describe('mutated LZMA2 chunks', () => {
  it('are decompressed or refused with a typed error, in time', { timeout: 0 }, () => {
    const start = 12 + ((stream[12] ?? 0) + 1) * 4
    const { length } = decodeXz(stream, limit)
    const parse = (bytes: Uint8Array) =>
      decodeLzma2(new Cursor(bytes, { littleEndian: false, context: 'LZMA2 chunks' }), new Uint8Array(length))
    const isExpected = (error: unknown) => error instanceof BpfError
    const { accepted, rejected } = fuzz({ name: 'LZMA2', ...fuzzSettings(20_000), inputs: [stream.slice(start)], parse, isExpected })
    expect(accepted).toBeGreaterThan(0)
    expect(rejected).toBeGreaterThan(0)
  })
})

describe('mutated .xz streams', () => {
  it('are decompressed or refused with a typed error, in time', { timeout: 0 }, () => {
    const isExpected = (error: unknown) => error instanceof BpfError
    const parse = (bytes: Uint8Array) => void decodeXz(bytes, limit)
    const { rejected } = fuzz({ name: '.xz', ...fuzzSettings(20_000), inputs: [stream], parse, isExpected })
    expect(rejected).toBeGreaterThan(0)
  })
})
