import {
  AluOp,
  AtomicOp,
  classOf,
  InsnClass,
  JumpOp,
  LAST_REGISTER,
  MemoryMode,
  MemorySize,
  modeOf,
  OperandSource,
  opOf,
  PseudoCall,
  PseudoSource,
  sizeOf,
  sourceOf,
} from './constants'
import { MOV_ADDR_PERCPU, MOV_ADDR_SPACE_CAST, toSlots } from './encode'
import { type Instruction, type Operand, slotsOf } from './instruction'
import { aluOperations, atomicOperations, bitsOf, conditions, findName } from './operations'
import { readSlot, SLOT_SIZE, type Slot, slotCount } from './slots'

/** An instruction and where it begins. */
export interface LocatedInstruction {
  readonly slot: number
  readonly instruction: Instruction
}

/** All instructions of a program. Any slots decode: what is no instruction becomes `invalid`. @throws CodeSizeError */
export function decode(code: Uint8Array, littleEndian: boolean): LocatedInstruction[] {
  const slots = slotCount(code)
  const located: LocatedInstruction[] = []
  for (let slot = 0; slot < slots; ) {
    const instruction = decodeAt(code, slot, littleEndian)
    located.push({ slot, instruction })
    slot += slotsOf(instruction)
  }
  return located
}

/** The instruction that begins at a slot. @throws BoundsError when the slot is outside the code. */
export function decodeAt(code: Uint8Array, slot: number, littleEndian: boolean): Instruction {
  const first = readSlot(code, slot, littleEndian)
  const second = (slot + 2) * SLOT_SIZE <= code.length ? readSlot(code, slot + 1, littleEndian) : undefined
  const interpreted = interpreters[classOf(first.opcode) as InsnClass](first, second)
  if (typeof interpreted === 'string') return { kind: 'invalid', fields: first, reason: interpreted }
  const reason = misfit(toSlots(interpreted), [first, second])
  return reason === undefined ? interpreted : { kind: 'invalid', fields: first, reason }
}

/**
 * Why an interpretation is wrong, or undefined. Interpreting ignores the fields an instruction does not use; encoding it
 * again shows whether they are zero, as they must be, and makes sure that no bit is lost.
 */
function misfit(encoded: readonly Slot[], slots: readonly (Slot | undefined)[]): string | undefined {
  for (const [i, expected] of encoded.entries()) {
    const actual = slots[i]
    if (actual === undefined) return 'its second slot is missing'
    if (actual.opcode !== expected.opcode) return i === 0 ? unknownOpcode(actual) : `opcode of its second slot is ${hex(actual.opcode)}`
    for (const field of ['dst', 'src', 'off', 'imm'] as const) {
      if (actual[field] !== expected[field]) return `reserved field ${field} is ${actual[field]}, not ${expected[field]}`
    }
    if (actual.dst > LAST_REGISTER || actual.src > LAST_REGISTER) return `no register r${Math.max(actual.dst, actual.src)}`
  }
  return undefined
}

/** One a class; a string is the reason why there is no such instruction. */
const interpreters: { readonly [C in InsnClass]: (slot: Slot, second: Slot | undefined) => Instruction | string } = {
  [InsnClass.ALU]: arithmetic,
  [InsnClass.ALU64]: arithmetic,
  [InsnClass.JMP]: jump,
  [InsnClass.JMP32]: jump,
  [InsnClass.LD]: classicLoad,
  [InsnClass.LDX]: load,
  [InsnClass.ST]: storeImmediate,
  [InsnClass.STX]: storeRegister,
}

function arithmetic(slot: Slot): Instruction | string {
  const { opcode, dst, src, off, imm } = slot
  const width = classOf(opcode) === InsnClass.ALU64 ? 64 : 32
  const op = opOf(opcode)
  if (op === AluOp.NEG) return { kind: 'neg', width, dst }
  if (op === AluOp.END) {
    if (imm !== 16 && imm !== 32 && imm !== 64) return `no byte-order conversion of ${imm} bits`
    const converted = sourceOf(opcode) === OperandSource.X ? 'be' : 'le'
    return { kind: 'endian', order: width === 64 ? 'swap' : converted, bits: imm, dst }
  }
  if (op === AluOp.MOV && sourceOf(opcode) === OperandSource.X && off !== 0) {
    if (off === 8 || off === 16 || (off === 32 && width === 64)) return { kind: 'movsx', width, bits: off, dst, src }
    if (width === 64 && off === MOV_ADDR_SPACE_CAST) return { kind: 'addrSpaceCast', dst, src, to: imm >>> 16, from: imm & 0xffff }
    if (width === 64 && off === MOV_ADDR_PERCPU) return { kind: 'percpuAddress', dst, src }
  }
  const name =
    findName(aluOperations, entry => entry.op === op && entry.off === off) ??
    findName(aluOperations, entry => entry.op === op && entry.off === 0)
  return name === undefined ? unknownOpcode(slot) : { kind: 'alu', op: name, width, dst, operand: operandOf(slot) }
}

function jump(slot: Slot): Instruction | string {
  const { opcode, dst, off, imm } = slot
  const width = classOf(opcode) === InsnClass.JMP ? 64 : 32
  const indirect = sourceOf(opcode) === OperandSource.X
  const op = opOf(opcode)
  if (op === JumpOp.EXIT) return { kind: 'exit' }
  if (op === JumpOp.JCOND) return { kind: 'mayGoto', distance: off }
  if (op === JumpOp.CALL) return indirect ? { kind: 'callx', register: dst } : call(slot)
  if (op === JumpOp.JA) {
    if (indirect) return { kind: 'gotox', register: dst }
    return { kind: 'goto', long: width === 32, distance: width === 32 ? imm : off }
  }
  const condition = findName(conditions, entry => entry.op === op)
  return condition === undefined ? unknownOpcode(slot) : { kind: 'branch', condition, width, dst, operand: operandOf(slot), distance: off }
}

function call({ src, off, imm }: Slot): Instruction | string {
  if (src === 0) return { kind: 'callHelper', id: imm }
  if (src === PseudoCall.CALL) return { kind: 'callFunction', distance: imm }
  if (src === PseudoCall.KFUNC_CALL) return { kind: 'callKfunc', btfId: imm, module: off }
  return `no kind of call with src ${src}`
}

function classicLoad(slot: Slot, second: Slot | undefined): Instruction | string {
  const { opcode, dst, src, imm } = slot
  const bits = bitsOf(sizeOf(opcode))
  const mode = modeOf(opcode)
  if (mode === MemoryMode.IMM && bits === 64) {
    if (src > PseudoSource.MAP_IDX_VALUE) return `no kind of 64-bit immediate with src ${src}`
    return { kind: 'loadImm64', dst, pseudo: src, value: (BigInt((second?.imm ?? 0) >>> 0) << 32n) | BigInt(imm >>> 0) }
  }
  if (bits === 64) return unknownOpcode(slot)
  if (mode === MemoryMode.ABS) return { kind: 'loadPacket', bits, index: undefined, offset: imm }
  return mode === MemoryMode.IND ? { kind: 'loadPacket', bits, index: src, offset: imm } : unknownOpcode(slot)
}

function load(slot: Slot): Instruction | string {
  const { opcode, dst, src: base, off: offset } = slot
  const bits = bitsOf(sizeOf(opcode))
  const signed = modeOf(opcode) === MemoryMode.MEMSX
  if (signed ? bits === 64 : modeOf(opcode) !== MemoryMode.MEM) return unknownOpcode(slot)
  return { kind: 'load', bits, signed, dst, base, offset }
}

function storeImmediate(slot: Slot): Instruction | string {
  const { opcode, dst: base, off: offset, imm } = slot
  if (modeOf(opcode) === MemoryMode.ATOMIC && sizeOf(opcode) === MemorySize.W) return { kind: 'nospec' }
  if (modeOf(opcode) !== MemoryMode.MEM) return unknownOpcode(slot)
  return { kind: 'store', bits: bitsOf(sizeOf(opcode)), base, offset, operand: { kind: 'immediate', value: imm } }
}

function storeRegister(slot: Slot): Instruction | string {
  const { opcode, dst, src, off: offset, imm } = slot
  const bits = bitsOf(sizeOf(opcode))
  if (modeOf(opcode) === MemoryMode.MEM) return { kind: 'store', bits, base: dst, offset, operand: { kind: 'register', register: src } }
  if (modeOf(opcode) !== MemoryMode.ATOMIC) return unknownOpcode(slot)
  if (imm === AtomicOp.LOAD_ACQ) return { kind: 'loadAcquire', bits, dst, base: src, offset }
  if (imm === AtomicOp.STORE_REL) return { kind: 'storeRelease', bits, base: dst, offset, src }
  if (bits !== 32 && bits !== 64) return `no atomic operation ${hex(imm)} on ${bits} bits`
  const plain = findName(atomicOperations, entry => entry.op === imm)
  const op = plain ?? findName(atomicOperations, entry => (entry.op | AtomicOp.FETCH) === imm)
  if (op === undefined) return `no atomic operation ${hex(imm)}`
  return { kind: 'atomic', op, fetch: (imm & AtomicOp.FETCH) !== 0, bits, base: dst, offset, src }
}

function operandOf({ opcode, src, imm }: Slot): Operand {
  return sourceOf(opcode) === OperandSource.X ? { kind: 'register', register: src } : { kind: 'immediate', value: imm }
}

const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`
const unknownOpcode = ({ opcode }: Slot): string => `no instruction has opcode ${hex(opcode)}`
