import { CoreKind } from '@bpf/btf'
import { CALL, readSlot, SLOT_SIZE, type Slot, writeSlot } from '@bpf/insn'
import { describe, expect, it } from 'vitest'
import { CORE_POISON, patchInstruction } from './patch'
import type { CoreResolution } from './resolution'

const MOV64_K = 0xb7
const ADD_K = 0x04
const MOV64_X = 0xbf
const LDX_W = 0x61
const LDX_DW = 0x79
const STX_H = 0x6b
const ST_B = 0x72
const LD_IMM64 = 0x18
const JEQ_K = 0x15

const slot = (fields: Partial<Slot>): Slot => ({ opcode: 0, dst: 0, src: 0, off: 0, imm: 0, ...fields })

function codeOf(littleEndian: boolean, ...slots: readonly Slot[]): Uint8Array {
  const code = new Uint8Array(slots.length * SLOT_SIZE)
  for (const [index, fields] of slots.entries()) writeSlot(code, index, fields, littleEndian)
  return code
}

const resolution = (before: bigint, after: bigint | undefined, more: Partial<CoreResolution> = {}): CoreResolution => ({
  kind: CoreKind.FieldByteOffset,
  path: 'struct s.x',
  access: '0:0',
  candidates: [],
  before,
  after,
  checked: true,
  widthBefore: 4,
  widthAfter: 4,
  widthMayChange: false,
  ...more,
})

const poison = slot({ opcode: CALL, imm: CORE_POISON })

describe.each([true, false])('with little-endian %s', littleEndian => {
  function patch(fields: readonly Partial<Slot>[], decided: CoreResolution): { readonly outcome: string; readonly slots: readonly Slot[] } {
    const code = codeOf(littleEndian, ...fields.map(slot))
    const outcome = patchInstruction(code, 0, decided, littleEndian)
    return { outcome, slots: fields.map((_, index) => readSlot(code, index, littleEndian)) }
  }

  it.each([
    ['a move', { opcode: MOV64_K, dst: 3, imm: 8 }, { opcode: MOV64_K, dst: 3, imm: 24 }],
    ['an addition', { opcode: ADD_K, dst: 1, imm: 8 }, { opcode: ADD_K, dst: 1, imm: 24 }],
    ['a load', { opcode: LDX_W, dst: 1, src: 2, off: 8 }, { opcode: LDX_W, dst: 1, src: 2, off: 24 }],
    ['a store', { opcode: STX_H, dst: 1, src: 2, off: 8 }, { opcode: STX_H, dst: 1, src: 2, off: 24 }],
    ['a store of a number', { opcode: ST_B, dst: 1, off: 8, imm: 5 }, { opcode: ST_B, dst: 1, off: 24, imm: 5 }],
  ])('%s gets the new value', (_, before, after) => {
    expect(patch([before], resolution(8n, 24n))).toEqual({ outcome: 'patched', slots: [slot(after)] })
  })

  it('a 64-bit load gets both halves', () => {
    const before = [{ opcode: LD_IMM64, dst: 1, imm: 8 }, {}]
    const after = [slot({ opcode: LD_IMM64, dst: 1, imm: -1 }), slot({ imm: 0x12 })]
    expect(patch(before, resolution(8n, 0x12ffffffffn)).slots).toEqual(after)
  })

  it('a missing value poisons, both halves of a 64-bit load', () => {
    expect(patch([{ opcode: LDX_W, off: 8 }], resolution(8n, undefined))).toEqual({ outcome: 'poisoned', slots: [poison] })
    expect(patch([{ opcode: LD_IMM64, imm: 8 }, {}], resolution(8n, undefined)).slots).toEqual([poison, poison])
  })

  it('a load becomes wider or narrower where that keeps the value', () => {
    const wider = resolution(8n, 16n, { widthBefore: 4, widthAfter: 8, widthMayChange: true })
    expect(patch([{ opcode: LDX_W, off: 8 }], wider).slots).toEqual([slot({ opcode: LDX_DW, off: 16 })])
    const narrower = resolution(8n, 16n, { widthBefore: 2, widthAfter: 1, widthMayChange: true })
    expect(patch([{ opcode: STX_H, off: 8 }], narrower).slots).toEqual([slot({ opcode: 0x73, off: 16 })])
  })

  it('and is poisoned where it does not', () => {
    const signed = resolution(8n, 16n, { widthBefore: 4, widthAfter: 8 })
    expect(patch([{ opcode: LDX_W, off: 8 }], signed).outcome).toBe('poisoned')
    expect(patch([{ opcode: MOV64_K, imm: 8 }], signed).outcome).toBe('patched')
  })
})

describe('what cannot be patched', () => {
  it.each([
    ['another value than the types say', [{ opcode: MOV64_K, imm: 4 }], resolution(8n, 16n), 'holds 4, but the program'],
    ['another offset', [{ opcode: LDX_W, off: 4 }], resolution(8n, 16n), 'holds 4'],
    ['another 64-bit value', [{ opcode: LD_IMM64, imm: 4 }, {}], resolution(8n, 16n), 'holds 4'],
    ['an offset of more than 15 bits', [{ opcode: LDX_W, off: 8 }], resolution(8n, 0x8000n), 'cannot hold the offset 32768'],
    ['a register operand', [{ opcode: MOV64_X }], resolution(0n, 1n), 'takes no immediate'],
    ['a jump', [{ opcode: JEQ_K }], resolution(0n, 1n), 'cannot be relocated'],
    ['half a 64-bit load', [{ opcode: LD_IMM64 }], resolution(0n, 1n), 'cannot be relocated'],
    ['a 64-bit load of a map', [{ opcode: LD_IMM64, src: 1 }, {}], resolution(0n, 1n), 'cannot be relocated'],
    [
      'a load of another width than the field',
      [{ opcode: LDX_DW, off: 8 }],
      resolution(8n, 8n, { widthAfter: 8, widthMayChange: true }),
      'moves 8 bytes of a field of 4',
    ],
    [
      'a field that no load can read',
      [{ opcode: LDX_W, off: 8 }],
      resolution(8n, 8n, { widthAfter: 16, widthMayChange: true }),
      'cannot move 16 bytes',
    ],
  ])('%s', (_, slots, decided, message) => {
    const code = codeOf(true, ...slots.map(slot))
    const patch = () => patchInstruction(code, 0, decided, true)
    expect(patch).toThrow(expect.objectContaining({ code: 'ERR_BPF_CORE_INSTRUCTION', path: 'struct s.x' }))
    expect(patch).toThrow(message)
  })

  it('an instruction outside the code', () => {
    expect(() => patchInstruction(codeOf(true, slot({})), 1, resolution(0n, 1n), true)).toThrow('outside the function')
  })

  it('but an unchecked value does not matter', () => {
    const code = codeOf(true, slot({ opcode: MOV64_K, imm: 4 }))
    expect(patchInstruction(code, 0, resolution(8n, 16n, { checked: false }), true)).toBe('patched')
  })
})
