import type { ArchName } from '@bpf/sys'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseUsdtArguments, UsdtArgumentError } from './arguments'

const parse = (text: string, arch: ArchName = 'x64', distanceTo?: (symbol: string) => bigint | undefined) =>
  parseUsdtArguments(text, distanceTo ? { arch, distanceTo } : { arch })
const { rbp, rdi, rax, rip } = { rbp: 32, rdi: 112, rax: 80, rip: 128 }

describe('arguments of a USDT probe on x86-64', () => {
  it.each([
    ['8@%rdi', 8, false, { kind: 'register', register: rdi }],
    ['-4@%edi', 4, true, { kind: 'register', register: rdi }],
    ['1@%dil', 1, false, { kind: 'register', register: rdi }],
    ['2@%di', 2, false, { kind: 'register', register: rdi }],
    ['4@$7', 4, false, { kind: 'constant', value: 7n }],
    ['-4@$-9', 4, true, { kind: 'constant', value: -9n }],
    ['8@$0x7fffffffffffffff', 8, false, { kind: 'constant', value: 0x7fff_ffff_ffff_ffffn }],
    ['8@(%rbp)', 8, false, { kind: 'memory', register: rbp, offset: 0n }],
    ['-4@-1204(%rbp)', 4, true, { kind: 'memory', register: rbp, offset: -1204n }],
    ['8@-16+4(%rbp)', 8, false, { kind: 'memory', register: rbp, offset: -12n }],
    ['1@-96(%rbp,%rax,8)', 1, false, { kind: 'indexed', register: rbp, index: rax, shift: 3, offset: -96n }],
    ['1@(%rbp,%rax,2)', 1, false, { kind: 'indexed', register: rbp, index: rax, shift: 1, offset: 0n }],
    ['1@8(%rbp, %rax)', 1, false, { kind: 'indexed', register: rbp, index: rax, shift: 0, offset: 8n }],
  ])('%s', (text, size, signed, place) => {
    expect(parse(text)).toEqual([{ size, signed, place }])
  })

  it('are separated by spaces', () => {
    expect(parse(' -4@%edi 8@-16(%rbp)  4@$7 ').map(argument => argument.place.kind)).toEqual(['register', 'memory', 'constant'])
    expect(parse('')).toEqual([])
  })

  it('may be variables of the binary, told by their distance from the probe', () => {
    const distanceTo = (symbol: string) => (symbol === 'counter' ? 0x100n : undefined)
    expect(parse('4@counter(%rip)', 'x64', distanceTo)[0]?.place).toEqual({ kind: 'memory', register: rip, offset: 0x100n })
    expect(parse('4@counter+4(%rip)', 'x64', distanceTo)[0]?.place).toMatchObject({ offset: 0x104n })
    expect(parse('4@-4+counter(%rip)', 'x64', distanceTo)[0]?.place).toMatchObject({ offset: 0xfcn })
    expect(() => parse('4@other(%rip)', 'x64', distanceTo)).toThrow(UsdtArgumentError)
    expect(() => parse('4@counter(%rip)')).toThrow(UsdtArgumentError)
  })

  it.each(['8f@%xmm0', '8@%xmm0', '1@%ah', '3@%rdi', '%rdi', '8@', '8@(%rbp', '8@(%rbp,%rax,3)', '8@$x', '8@[sp]', '8@4*2(%rbp)'])(
    '%s cannot be read',
    text => {
      expect(() => parse(text)).toThrow(UsdtArgumentError)
    },
  )

  it('say which of them cannot be read, and why', () => {
    expect(() => parse('8@%rdi 8f@%xmm1')).toThrow('argument 1 of the probe, "8f@%xmm1", cannot be read')
    try {
      parse('8@%xmm1')
    } catch (error) {
      expect(error).toMatchObject({ index: 0, hint: expect.stringContaining('floating-point') })
    }
  })
})

describe('arguments of a USDT probe on arm64', () => {
  const sp = 248
  it.each([
    ['8@x4', 8, false, { kind: 'register', register: 32 }],
    ['-4@w30', 4, true, { kind: 'register', register: 240 }],
    ['-4@wzr', 4, true, { kind: 'constant', value: 0n }],
    ['4@5', 4, false, { kind: 'constant', value: 5n }],
    ['-8@-5', 8, true, { kind: 'constant', value: -5n }],
    ['-4@[sp]', 4, true, { kind: 'memory', register: sp, offset: 0n }],
    ['-4@[sp, 96]', 4, true, { kind: 'memory', register: sp, offset: 96n }],
    ['8@[x29, #-16]', 8, false, { kind: 'memory', register: 232, offset: -16n }],
    ['8@[x1, x2, lsl 3]', 8, false, { kind: 'indexed', register: 8, index: 16, shift: 3, offset: 0n }],
  ])('%s', (text, size, signed, place) => {
    expect(parse(text, 'arm64')).toEqual([{ size, signed, place }])
  })

  it('are separated by spaces, which are also in them', () => {
    expect(parse('-4@[sp, 96] 8@x0 4@7', 'arm64')).toHaveLength(3)
  })

  it.each(['8@d0', '8@x31', '8@[x1', '8@%rdi'])('%s cannot be read', text => {
    expect(() => parse(text, 'arm64')).toThrow(UsdtArgumentError)
  })
})

it('text of any kind is parsed or refused', () => {
  const pieces = fc.array(fc.constantFrom('8@', '-4@', '%rdi', '$1', '(', ')', '[', ']', ',', ' ', '%rip', 'x', '+', '-', '4', 'sp'), {
    maxLength: 12,
  })
  fc.assert(
    fc.property(pieces, fc.constantFrom<ArchName>('x64', 'arm64'), (parts, arch) => {
      try {
        for (const { size } of parse(parts.join(''), arch)) expect([1, 2, 4, 8]).toContain(size)
      } catch (error) {
        expect(error).toBeInstanceOf(UsdtArgumentError)
      }
    }),
    { numRuns: 2000 },
  )
})
