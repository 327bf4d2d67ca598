import { describe, expect, it } from 'vitest'
import { newMap } from '../new-map'
import type { ExternSpec, ObjectSpec } from '../spec'
import { buildBtf } from '../testing/build-btf'
import { testObject } from '../testing/test-spec'
import { testTarget } from '../testing/test-target'
import { planKconfig } from './kconfig'

const { btf, ids } = buildBtf(b => {
  const u8 = b.int('unsigned char', 1, { char: true })
  const types = {
    bool: b.int('bool', 1, { bool: true }),
    char: u8,
    s8: b.int('signed char', 1, { signed: true }),
    u16: b.int('unsigned short', 2),
    s32: b.int('int', 4, { signed: true }),
    u64: b.int('unsigned long', 8),
    tristate: b.enum('libbpf_tristate', { TRI_NO: 0, TRI_YES: 1, TRI_MODULE: 2 }),
    text: b.array(u8, 8),
    struct: b.struct('s', 4, ['a', u8, 0]),
    shape: b.enum('shape', { ROUND: 0 }),
  }
  return Object.fromEntries(Object.entries(types).map(([name, type]) => [name, b.variable(name, type, 'extern')]))
})

const sizes: Readonly<Record<string, number>> = {
  bool: 1,
  char: 1,
  s8: 1,
  u16: 2,
  s32: 4,
  u64: 8,
  tristate: 4,
  text: 8,
  struct: 4,
  shape: 4,
}

/** An object with one option in a map of `size` bytes. */
function objectWith(extern: ExternSpec, size: number): ObjectSpec {
  const map = newMap('.kconfig', { valueSize: size, origin: { kind: 'data', section: '.kconfig', access: 'kconfig' } })
  return testObject({ externs: [extern], maps: [map], btf })
}

/** The bytes that one option of a type and value comes to, or what is wrong. */
function fill(type: string, value: string | undefined, options: { name?: string; weak?: boolean; littleEndian?: boolean } = {}) {
  const { name = 'CONFIG_X', weak = false, littleEndian = true } = options
  const size = sizes[type] ?? 0
  const extern = { kind: 'kconfig', name, weak, typeId: ids[type] ?? 0, offset: 0, size } as ExternSpec
  const target = testTarget(undefined, {
    kconfig: { CONFIG_BPF: 'y', ...(value === undefined ? {} : { [name]: value }) },
    littleEndian,
    kernelVersion: 0x060c1e,
  })
  const { bytes = new Uint8Array(0), failures, warnings } = planKconfig(objectWith(extern, size), target)
  return failures.get(name)?.message ?? (warnings.length > 0 ? { bytes: [...bytes], warnings } : [...bytes])
}

describe('a kernel option', () => {
  it.each([
    ['bool', 'y', [1]],
    ['bool', 'n', [0]],
    ['char', 'y', [0x79]],
    ['char', 'm', [0x6d]],
    ['char', '200', [200]],
    ['tristate', 'n', [0, 0, 0, 0]],
    ['tristate', 'y', [1, 0, 0, 0]],
    ['tristate', 'm', [2, 0, 0, 0]],
    ['s8', '-128', [0x80]],
    ['u16', '0xffff', [0xff, 0xff]],
    ['u16', '017', [15, 0]],
    ['s32', '-1', [0xff, 0xff, 0xff, 0xff]],
    ['u64', '0x123456789abcdef0', [0xf0, 0xde, 0xbc, 0x9a, 0x78, 0x56, 0x34, 0x12]],
    ['text', '"abc"', [0x61, 0x62, 0x63, 0, 0, 0, 0, 0]],
    ['text', '""', [0, 0, 0, 0, 0, 0, 0, 0]],
  ])('%s of value %s', (type, value, bytes) => {
    expect(fill(type, value)).toEqual(bytes)
  })

  it('is written in the order of the target', () => {
    expect(fill('u16', '0x1234', { littleEndian: false })).toEqual([0x12, 0x34])
  })

  it('that is too long a text is cut, and says so', () => {
    expect(fill('text', '"abcdefghij"')).toEqual({
      bytes: [0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0],
      warnings: ['extern "CONFIG_X": its value of 10 bytes was cut to 7'],
    })
  })

  it.each([
    ['bool', 'm', 'needs char or enum libbpf_tristate'],
    ['bool', '1', 'needs an integer'],
    ['s32', 'y', 'needs bool, char or enum libbpf_tristate'],
    ['s32', '"abc"', 'needs an array of char'],
    ['text', 'y', 'needs bool'],
    ['text', '"abc', 'needs a quoted string'],
    ['u16', '0x10000', 'needs more than 2 unsigned bytes'],
    ['u16', '-1', 'needs more than 2 unsigned bytes'],
    ['s8', '128', 'needs more than 1 signed bytes'],
    ['u64', '0x10000000000000000', 'needs a number'],
    ['s32', '12x', 'needs a number'],
    ['tristate', '1', 'needs an integer'],
    ['struct', 'y', 'its type cannot hold a kernel configuration option'],
    ['shape', 'y', 'its type cannot hold a kernel configuration option'],
    ['bool', undefined, 'the option is not set in the test kernel'],
  ])('%s cannot be %s', (type, value, message) => {
    expect(fill(type, value)).toContain(message)
  })

  it('that is weak and not set is zero', () => {
    expect(fill('s32', undefined, { weak: true })).toEqual([0, 0, 0, 0])
  })
})

describe('a virtual option', () => {
  it('is the version or a feature of the kernel', () => {
    expect(fill('s32', undefined, { name: 'LINUX_KERNEL_VERSION' })).toEqual([0x1e, 0x0c, 0x06, 0])
    expect(fill('bool', undefined, { name: 'LINUX_HAS_BPF_COOKIE' })).toEqual([1])
    expect(fill('bool', undefined, { name: 'LINUX_HAS_SYSCALL_WRAPPER' })).toEqual([1])
    expect(fill('bool', undefined, { name: 'LINUX_KERNEL_VERSION' })).toContain('needs more than 1 unsigned bytes')
  })

  it('that is unknown is zero if weak', () => {
    expect(fill('s32', undefined, { name: 'LINUX_HAS_MAGIC', weak: true })).toEqual([0, 0, 0, 0])
    expect(fill('s32', undefined, { name: 'LINUX_HAS_MAGIC' })).toContain('no option that a loader knows')
    expect(fill('s32', undefined, { name: 'HAS_MAGIC', weak: true })).toContain('no option that a loader knows')
  })

  it('that cannot be told is an error, or zero with a warning', () => {
    const ask = (weak: boolean) => {
      const extern = { kind: 'kconfig', name: 'LINUX_HAS_BPF_COOKIE', weak, typeId: ids['bool'] ?? 0, offset: 0, size: 1 } as ExternSpec
      return planKconfig(objectWith(extern, 1), testTarget(undefined, { features: { bpfCookie: undefined } }))
    }
    expect(ask(false).failures.size).toBe(1)
    expect(ask(true)).toMatchObject({ warnings: ['extern "LINUX_HAS_BPF_COOKIE": not known for the test kernel, left 0'] })
  })

  it('outside its map is an error', () => {
    const extern = { kind: 'kconfig', name: 'CONFIG_X', weak: false, typeId: ids['u64'] ?? 0, offset: 1, size: 8 } as ExternSpec
    expect(planKconfig(objectWith(extern, 8), testTarget(undefined)).failures.get('CONFIG_X')?.message).toContain('outside the 8 bytes')
  })

  it('is refused with all others when their map is too large to be true', () => {
    const extern = { kind: 'kconfig', name: 'CONFIG_X', weak: true, typeId: ids['u64'] ?? 0, offset: 0, size: 8 } as ExternSpec
    expect(() => planKconfig(objectWith(extern, 0xffff_ffff), testTarget(undefined))).toThrow('too many to be true')
  })
})
