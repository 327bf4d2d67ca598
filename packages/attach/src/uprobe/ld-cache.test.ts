import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { libraryFlags, parseLdCache } from './ld-cache'

/** A cache as ldconfig writes it. */
function cache(libraries: readonly { name: string; path: string; flags: number }[], options: { old?: number } = {}): Uint8Array {
  const strings = libraries.flatMap(({ name, path }) => [name, path])
  const size = 48 + libraries.length * 24
  const bytes = Buffer.alloc(size + strings.reduce((sum, text) => sum + text.length + 1, 0))
  bytes.write('glibc-ld.so.cache1.1')
  bytes.writeUInt32LE(libraries.length, 20)
  let at = size
  libraries.forEach(({ name, path, flags }, index) => {
    bytes.writeUInt32LE(flags, 48 + index * 24)
    for (const [offset, text] of [
      [4, name],
      [8, path],
    ] as const) {
      bytes.writeUInt32LE(at, 48 + index * 24 + offset)
      bytes.write(text, at)
      at += text.length + 1
    }
  })
  if (options.old === undefined) return bytes
  const before = Buffer.alloc(Math.ceil((16 + options.old * 12) / 8) * 8)
  before.write('ld.so-1.7.0')
  before.writeUInt32LE(options.old, 12)
  return Buffer.concat([before, bytes])
}

const libc = { name: 'libc.so.6', path: '/lib/x86_64-linux-gnu/libc.so.6', flags: libraryFlags['x64'] ?? 0 }
const libm = { name: 'libm.so.6', path: '/lib/aarch64-linux-gnu/libm.so.6', flags: libraryFlags['arm64'] ?? 0 }

describe('the cache of the dynamic linker', () => {
  it('lists libraries', () => {
    expect(parseLdCache(cache([libc, libm]))).toEqual([libc, libm])
    expect(parseLdCache(cache([]))).toEqual([])
  })

  it('may begin with a table in an older format', () => {
    expect(parseLdCache(cache([libc], { old: 3 }))).toEqual([libc])
  })

  it.each([new Uint8Array(), new TextEncoder().encode('glibc-ld.so.cache1.1'), cache([libc]).subarray(0, 60), cache([libc]).subarray(10)])(
    'that is none, or cut, lists nothing',
    bytes => {
      expect(parseLdCache(bytes)).toEqual([])
    },
  )

  it('that is damaged lists something or nothing', () => {
    const whole = cache([libc, libm], { old: 2 })
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255))), changes => {
        const bytes = Uint8Array.from(whole)
        for (const [at, value] of changes) bytes[at] = value
        expect(Array.isArray(parseLdCache(bytes))).toBe(true)
      }),
    )
  })
})
