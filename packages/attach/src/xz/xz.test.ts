import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { BpfError, Cursor } from '@bpf/bytes'
import { parseElf, sectionByName, sectionData } from '@bpf/elf'
import { fuzz, fuzzSettings, readFixture } from '@bpf/fixtures'
import { describe, expect, it } from 'vitest'
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

const hasXz = spawnSync('xz', ['--version']).status === 0

describe.skipIf(!hasXz)('what the xz command makes (needs xz)', () => {
  const xz = (input: Uint8Array, ...options: string[]): Uint8Array => {
    const { stdout, stderr, status } = spawnSync('xz', ['--stdout', ...options], { input, maxBuffer: limit })
    if (status !== 0) throw new Error(stderr.toString())
    return new Uint8Array(stdout)
  }
  const text = new TextEncoder().encode(Array.from({ length: 20_000 }, (_, i) => `function_${i * 7919} ${i % 13}\n`).join(''))
  const inputs = { text, noise: new Uint8Array(randomBytes(200_000)), both: new Uint8Array([...text, ...randomBytes(100_000), ...text]) }

  it.each([
    ['-0'],
    ['-6'],
    ['-9e'],
    ['--check=none'],
    ['--check=crc32'],
    ['--check=sha256'],
    ['--block-size=65536'],
    ['--threads=2', '--block-size=100000'],
    ['--lzma2=preset=6,lc=0,lp=4,pb=4'],
    ['--lzma2=preset=6,lc=4,lp=0,pb=0'],
    ['--lzma2=preset=1,nice=273,dict=4096'],
  ])('by %s is what it was before', (...options) => {
    for (const input of Object.values(inputs)) expect(Buffer.compare(decodeXz(xz(input, ...options), limit), input)).toBe(0)
  })

  it.each([0, 1, 2, 3, 4, 5])('of %d bytes is what it was before', size => {
    expect(decodeXz(xz(text.subarray(0, size)), limit)).toEqual(text.subarray(0, size))
  })

  it('may be as small as zeros become, and not smaller', () => {
    const zeros = new Uint8Array(32 * 1024 * 1024)
    expect(decodeXz(xz(zeros, '-9e'), limit)).toHaveLength(zeros.length)
  })

  it('with other filters is refused', () => {
    expect(() => decodeXz(xz(text, '--x86', '--lzma2'), limit)).toThrow('it is compressed with other filters than LZMA2 alone')
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
