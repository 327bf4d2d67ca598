import { toHex } from '@bpf/bytes'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AsmError } from './asm-error'
import { assemble } from './assemble'
import { decode } from './decode'
import { disassemble } from './disassemble'
import { encode } from './encode'
import { formatInstruction } from './format'
import { arbitraryInstruction, arbitraryProgram } from './instruction.arbitrary'

const hexOf = (text: string) => toHex(assemble(text, { littleEndian: true }).code)

/** The one instruction of a text, printed again. */
const reprinted = (text: string) =>
  decode(assemble(text, { littleEndian: true }).code, true).map(({ instruction }) => formatInstruction(instruction))

function failure(text: string): AsmError {
  try {
    assemble(text, { littleEndian: true })
  } catch (error) {
    if (error instanceof AsmError) return error
    throw error
  }
  throw new Error(`assembled: ${text}`)
}

describe('assemble', () => {
  it('takes what clang takes, spelt as clang allows', () => {
    const spellings: Readonly<Record<string, string>> = {
      'r1=5': 'r1 = 0x5',
      'R1 = 1 << 4': 'r1 = 0x10',
      'r1 = 5 - 3 + 0b1': 'r1 = 0x3',
      'r1 = 017': 'r1 = 0xf',
      "r1 = 'a'": 'r1 = 0x61',
      'r1 = 0xffffffff': 'r1 = -0x1',
      'r1 = - 5': 'r1 = -0x5',
      'r1 = 18446744073709551615 ll': 'r1 = -0x1 ll',
      'r1 = (s8) r2': 'r1 = (s8)r2',
      '*(u64*) (r10-8)=r1': '*(u64 *)(r10 - 0x8) = r1',
      '*(u64 *)(r10 + -8) = r1': '*(u64 *)(r10 - 0x8) = r1',
      '*(u64 *)(r10) = r1': '*(u64 *)(r10 + 0x0) = r1',
      'w1 = *(u8 *)(r2 + 0)': 'r1 = *(u8 *)(r2 + 0x0)',
      '*(u16 *)(r2 + 0) = w1': '*(u16 *)(r2 + 0x0) = r1',
      'lock *(u32 *)(r1+0)+=w2': 'lock *(u32 *)(r1 + 0x0) += r2',
      'GOTO +1': 'goto +0x1',
      'goto 1': 'goto +0x1',
      'call +1': 'call 0x1',
      'call bpf_map_lookup_elem': 'call 0x1',
      'call bpf_map_lookup_elem#1': 'call 0x1',
      'ld_pseudo r1, 2, 0x800000003': 'r1 = map_value(0x3, 0x8) ll',
      '.8byte 0x95': 'exit',
    }
    for (const [text, canonical] of Object.entries(spellings)) expect(reprinted(text)).toEqual([canonical])
  })

  it('ends statements with lines and semicolons, and skips comments, notes and what compilers write around code', () => {
    const text = `
      .text
      .globl main
      .type main,@function
      ; a source line, as llvm-objdump prints it
      main: r0 = 0 ; r1 = 1 # a comment
        /* two
           lines */ r2 = 2 // another
        goto +0x0 <out+0x8>
      out: exit
      .size main, .-main`
    expect(reprinted(text)).toEqual(['r0 = 0x0', 'r1 = 0x1', 'r2 = 0x2', 'goto +0x0', 'exit'])
  })

  it('resolves labels forwards and backwards, named, quoted and numbered', () => {
    const text = `
      1: if r1 == 0 goto 1f
         goto 1b
      1: call "a function"
         r2 = .L_callback ll
         gotol 1b
         exit
      "a function":
      .L_callback: exit`
    const { code, labels, lines } = assemble(text, { littleEndian: true })
    expect(decode(code, true).map(({ instruction }) => formatInstruction(instruction))).toEqual([
      'if r1 == 0x0 goto +0x1',
      'goto -0x2',
      'call pc+0x4',
      'r2 = func(pc+0x3) ll',
      'gotol -0x4',
      'exit',
      'exit',
    ])
    expect([...labels]).toEqual([
      ['a function', 7],
      ['.L_callback', 7],
    ])
    expect(lines[3]).toEqual({ slot: 3, line: 5 })
  })

  it('prefers a label of the text to a helper of that name', () => {
    expect(reprinted('call bpf_ktime_get_ns; exit; bpf_ktime_get_ns: exit')[0]).toBe('call pc+0x1')
  })

  it('leaves undefined names to a linker when asked to', () => {
    const { code, references } = assemble('r1 = events ll; call helper; exit', { littleEndian: true, externs: true })
    expect(toHex(code)).toBe(['1801000000000000', '0000000000000000', '85100000ffffffff', '9500000000000000'].join(''))
    expect(references).toEqual([
      { slot: 0, symbol: 'events', kind: 'address' },
      { slot: 2, symbol: 'helper', kind: 'call' },
    ])
  })

  it('writes either byte order', () => {
    const text = 'r1 = *(u16 *)(r2 + 8); .quad 0x95'
    expect(toHex(assemble(text, { littleEndian: false }).code)).toBe('69120008000000000000000000000095')
    expect(hexOf(text)).toBe('69210800000000009500000000000000')
  })
})

describe('an error', () => {
  const errors: Readonly<Record<string, string>> = {
    'exit\n  r1 += r13': 'line 2, column 9: no register r13',
    'r1 = w2': 'line 1, column 6: w2 is 32 bits wide, not 64',
    'w1 = r2': 'line 1, column 6: r2 is 64 bits wide, not 32',
    'r1 = 0x100000000': 'line 1, column 6: 4294967296 does not fit in 32 bits',
    'r1 = 0x10000000000000000 ll': 'line 1, column 6: the number does not fit in 64 bits',
    'r1 = *(u64 *)(r10 - 40000)': 'line 1, column 19: -40000 does not fit in 16 bits',
    'r1 = *(u63 *)(r2 + 0)': 'line 1, column 8: unknown type "u63"',
    'w1 = *(u64 *)(r2 + 0)': 'line 1, column 6: a load of u64 needs a 64-bit register',
    'r1 = be16 r2': 'line 1, column 11: r2 must be the register assigned to',
    'r3 = atomic_fetch_add((u64 *)(r1 + 0), r2)': 'line 1, column 40: r2 must be the register assigned to',
    'r1 = 09': 'line 1, column 6: 09 is no octal number',
    'r1 = $': 'line 1, column 6: unknown operation "$"',
    'r1 = ?': 'line 1, column 6: unexpected "?"',
    'r1 = 1 2': 'line 1, column 8: expected the end of the instruction, found "2"',
    'if r1 = 2 goto +1': 'line 1, column 7: unknown comparison "="',
    'if r1 == 2': 'line 1, column 11: expected "goto", found the end of the instruction',
    'goto out': 'line 1, column 6: undefined label "out"',
    'a: exit; a: exit': 'line 1, column 10: label "a" is already defined',
    'goto 1f': 'line 1, column 6: undefined label "1f"',
    'call bpf_map_lookup_elem#2': 'line 1, column 6: helper bpf_map_lookup_elem has id 1, not 2',
    '.byte 1, 2': 'line 1, column 1: 2 bytes are not a whole number of 8-byte slots',
    '.section foo': 'line 1, column 1: unknown directive ".section"',
    '/* open': 'line 1, column 1: unexpected "/"',
  }

  it.each(Object.entries(errors))('%j: %s', (text, message) => {
    expect(failure(text)).toMatchObject({ code: 'ERR_BPF_ASM', message })
  })

  it('suggests names that are near', () => {
    const hints: Readonly<Record<string, string>> = {
      'loop: gotol looop': 'did you mean loop?',
      'call bpf_map_lokup_elem': 'did you mean bpf_map_lookup_elem or bpf_map_pop_elem or bpf_sk_lookup_tcp?',
      exti: 'did you mean exit?',
      'r1 = bswp16 r1': 'did you mean bswap16?',
      '.qud 1': 'did you mean .quad?',
      'r1 = 0x100000000': 'add "ll" for a 64-bit immediate',
    }
    for (const [text, hint] of Object.entries(hints)) expect(failure(text).hint).toContain(hint.split(' or ')[0])
  })

  it('says what reaches further when a jump is too far', () => {
    const far = `goto out\n${'r0 = 0\n'.repeat(0x8000)}out: exit`
    expect(failure(far)).toMatchObject({ message: 'line 1, column 6: "out" is 32768 slots away, which does not fit in 16 bits' })
    expect(failure(far).hint).toBe('gotol reaches further')
    expect(assemble(far.replace('goto', 'gotol'), { littleEndian: true }).labels.get('out')).toBe(0x8001)
  })
})

describe('printing and assembling', () => {
  it('gives back each instruction', () => {
    fc.assert(
      fc.property(arbitraryInstruction, fc.boolean(), fc.boolean(), (instruction, alu32, helperNames) => {
        const text = formatInstruction(instruction, { alu32, helperNames, note: 'a note' })
        expect(assemble(text, { littleEndian: true }).code, text).toEqual(encode([instruction], true))
      }),
      { numRuns: 2000 },
    )
  })

  it('gives back programs, with labels, names and invalid slots', () => {
    const name = fc.oneof(fc.string(), fc.constantFrom('r1', 'exit', 'pc', 'kfunc', 'll', 'L1', 'bpf_ktime_get_ns', 'a;b', '<a>', ''))
    fc.assert(
      fc.property(
        arbitraryProgram,
        fc.uint8Array({ minLength: 8, maxLength: 8 }),
        fc.array(fc.option(name, { nil: undefined }), { maxLength: 20 }),
        fc.record({ littleEndian: fc.boolean(), symbolic: fc.boolean(), alu32: fc.boolean(), helperNames: fc.boolean() }),
        (program, junk, names, options) => {
          const code = Uint8Array.from([...encode(program, options.littleEndian), ...junk])
          const nameAt = (slot: number) => names[slot]
          const text = disassemble(code, { ...options, label: nameAt, note: nameAt, source: nameAt })
          expect(assemble(text, options).code, text).toEqual(code)
        },
      ),
      { numRuns: 1000 },
    )
  })
})

describe('any text', () => {
  const pieces = fc.constantFrom(
    ...'r1 w2 r99 = += s>>= - ~ * & ( ) [ ] , : ; # < > 0 5 0x10 1f ll if goto call exit lock u8 u64 skb .byte "x" L1 \n'.split(' '),
  )
  const texts = fc.oneof(
    fc.string(),
    fc.array(pieces, { maxLength: 30 }).map(words => words.join(' ')),
  )

  it('is assembled or refused with an AsmError', () => {
    fc.assert(
      fc.property(texts, text => {
        try {
          assemble(text, { littleEndian: true })
        } catch (error) {
          expect(error).toBeInstanceOf(AsmError)
        }
      }),
      { numRuns: 5000 },
    )
  })

  it.each([
    '- '.repeat(100_000),
    '(',
    `r1 = ${'9'.repeat(100_000)}`,
    `r1 = 1${' << 63'.repeat(50_000)}`,
    '<'.repeat(100_000),
    ': '.repeat(50_000),
  ])('is refused soon, however long', text => {
    const started = performance.now()
    failure(text)
    failure(`r1 = ${text}`)
    expect(performance.now() - started).toBeLessThan(1000)
  })
})
