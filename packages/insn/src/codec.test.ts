import { toHex } from '@bpf/bytes'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decode, decodeAt } from './decode'
import { encode } from './encode'
import type { Instruction, Operand } from './instruction'
import { arbitraryInstruction, arbitraryProgram } from './instruction.arbitrary'
import { swapCode } from './slots'

const bytes = (hex: string) => Uint8Array.from(hex.replaceAll(' ', '').match(/../g) ?? [], byte => Number.parseInt(byte, 16))
const r = (register: number): Operand => ({ kind: 'register', register })
const imm = (value: number): Operand => ({ kind: 'immediate', value })

/** One of each form, as little-endian bytes. */
const forms: readonly (readonly [string, Instruction])[] = [
  ['07 01 0000 fbffffff', { kind: 'alu', op: 'add', width: 64, dst: 1, operand: imm(-5) }],
  ['0c 21 0000 00000000', { kind: 'alu', op: 'add', width: 32, dst: 1, operand: r(2) }],
  ['3f 21 0100 00000000', { kind: 'alu', op: 'sdiv', width: 64, dst: 1, operand: r(2) }],
  ['94 01 0100 03000000', { kind: 'alu', op: 'smod', width: 32, dst: 1, operand: imm(3) }],
  ['b7 00 0000 01000000', { kind: 'alu', op: 'mov', width: 64, dst: 0, operand: imm(1) }],
  ['84 01 0000 00000000', { kind: 'neg', width: 32, dst: 1 }],
  ['bf 21 2000 00000000', { kind: 'movsx', width: 64, bits: 32, dst: 1, src: 2 }],
  ['bc 21 0800 00000000', { kind: 'movsx', width: 32, bits: 8, dst: 1, src: 2 }],
  ['d4 01 0000 10000000', { kind: 'endian', order: 'le', bits: 16, dst: 1 }],
  ['dc 01 0000 20000000', { kind: 'endian', order: 'be', bits: 32, dst: 1 }],
  ['d7 01 0000 40000000', { kind: 'endian', order: 'swap', bits: 64, dst: 1 }],
  ['bf 21 0100 00000100', { kind: 'addrSpaceCast', dst: 1, src: 2, to: 1, from: 0 }],
  ['bf 21 ffff 00000000', { kind: 'percpuAddress', dst: 1, src: 2 }],
  ['69 21 f8ff 00000000', { kind: 'load', bits: 16, signed: false, dst: 1, base: 2, offset: -8 }],
  ['81 21 0400 00000000', { kind: 'load', bits: 32, signed: true, dst: 1, base: 2, offset: 4 }],
  ['7b 21 0800 00000000', { kind: 'store', bits: 64, base: 1, offset: 8, operand: r(2) }],
  ['72 01 0800 ffffffff', { kind: 'store', bits: 8, base: 1, offset: 8, operand: imm(-1) }],
  ['c3 21 0000 00000000', { kind: 'atomic', op: 'add', fetch: false, bits: 32, base: 1, offset: 0, src: 2 }],
  ['db 21 0000 a1000000', { kind: 'atomic', op: 'xor', fetch: true, bits: 64, base: 1, offset: 0, src: 2 }],
  ['db 21 0000 e1000000', { kind: 'atomic', op: 'xchg', fetch: true, bits: 64, base: 1, offset: 0, src: 2 }],
  ['c3 21 0000 f1000000', { kind: 'atomic', op: 'cmpxchg', fetch: true, bits: 32, base: 1, offset: 0, src: 2 }],
  ['db 10 0000 00010000', { kind: 'loadAcquire', bits: 64, dst: 0, base: 1, offset: 0 }],
  ['cb 21 0000 10010000', { kind: 'storeRelease', bits: 16, base: 1, offset: 0, src: 2 }],
  ['30 00 0000 00f0ffff', { kind: 'loadPacket', bits: 8, index: undefined, offset: -0x1000 }],
  ['40 70 0000 04000000', { kind: 'loadPacket', bits: 32, index: 7, offset: 4 }],
  ['18 21 0000 03000000 00 00 0000 08000000', { kind: 'loadImm64', dst: 1, pseudo: 2, value: 0x8_0000_0003n }],
  ['05 00 feff 00000000', { kind: 'goto', long: false, distance: -2 }],
  ['06 00 0000 00000100', { kind: 'goto', long: true, distance: 0x10000 }],
  ['0d 03 0000 00000000', { kind: 'gotox', register: 3 }],
  ['65 01 0300 ffffffff', { kind: 'branch', condition: 'sgt', width: 64, dst: 1, operand: imm(-1), distance: 3 }],
  ['be 21 0300 00000000', { kind: 'branch', condition: 'le', width: 32, dst: 1, operand: r(2), distance: 3 }],
  ['e5 00 0300 00000000', { kind: 'mayGoto', distance: 3 }],
  ['85 00 0000 01000000', { kind: 'callHelper', id: 1 }],
  ['85 10 0000 05000000', { kind: 'callFunction', distance: 5 }],
  ['85 20 0100 d2040000', { kind: 'callKfunc', btfId: 1234, module: 1 }],
  ['8d 01 0000 00000000', { kind: 'callx', register: 1 }],
  ['95 00 0000 00000000', { kind: 'exit' }],
  ['c2 00 0000 00000000', { kind: 'nospec' }],
]

describe('an instruction', () => {
  it.each(forms)('%s decodes and encodes', (hex, instruction) => {
    expect(decode(bytes(hex), true)).toEqual([{ slot: 0, instruction }])
    expect(toHex(encode([instruction], true))).toBe(hex.replaceAll(' ', ''))
  })

  it('is the same in either byte order', () => {
    const code = encode(
      forms.map(([, instruction]) => instruction),
      true,
    )
    expect(decode(swapCode(code), false)).toEqual(decode(code, true))
  })

  it('survives encoding and decoding', () => {
    fc.assert(
      fc.property(arbitraryProgram, fc.boolean(), (program, littleEndian) => {
        expect(decode(encode(program, littleEndian), littleEndian).map(({ instruction }) => instruction)).toEqual(program)
      }),
    )
  })
})

describe('slots that are no instruction', () => {
  const reasons: Readonly<Record<string, string>> = {
    'ff 00 0000 00000000': 'no instruction has opcode 0xff',
    '96 00 0000 00000000': 'no instruction has opcode 0x96',
    '38 00 0000 00000000': 'no instruction has opcode 0x38',
    '99 21 0000 00000000': 'no instruction has opcode 0x99',
    'b7 21 0000 01000000': 'reserved field src is 2, not 0',
    '0f 21 0100 00000000': 'reserved field off is 1, not 0',
    'bc 21 2000 00000000': 'reserved field off is 32, not 0',
    '95 00 0000 07000000': 'reserved field imm is 7, not 0',
    'e5 10 0300 00000000': 'reserved field src is 1, not 0',
    'b7 0d 0000 01000000': 'no register r13',
    'd4 01 0000 08000000': 'no byte-order conversion of 8 bits',
    '85 30 0000 01000000': 'no kind of call with src 3',
    '18 71 0000 01000000 00 00 0000 00000000': 'no kind of 64-bit immediate with src 7',
    '18 01 0000 01000000': 'its second slot is missing',
    '18 01 0000 01000000 95 00 0000 00000000': 'opcode of its second slot is 0x95',
    '18 01 0000 01000000 00 01 0000 00000000': 'reserved field dst is 1, not 0',
    'db 21 0000 02000000': 'no atomic operation 0x2',
    'd3 21 0000 00000000': 'no atomic operation 0x0 on 8 bits',
  }

  it.each(Object.entries(reasons))('%s: %s', (hex, reason) => {
    expect(decodeAt(bytes(hex), 0, true)).toMatchObject({ kind: 'invalid', reason })
  })

  it('are kept as they are, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.boolean(), (random, littleEndian) => {
        const code = random.subarray(0, random.length - (random.length % 8))
        const decoded = decode(code, littleEndian).map(({ instruction }) => instruction)
        expect(encode(decoded, littleEndian)).toEqual(code)
      }),
      { numRuns: 2000 },
    )
  })

  it('are close to what is one: a valid instruction with one bit flipped', () => {
    fc.assert(
      fc.property(arbitraryInstruction, fc.nat(63), (instruction, bit) => {
        const code = encode([instruction], true)
        code[bit >> 3] = (code[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        expect(
          encode(
            decode(code, true).map(located => located.instruction),
            true,
          ),
        ).toEqual(code)
      }),
      { numRuns: 2000 },
    )
  })
})
