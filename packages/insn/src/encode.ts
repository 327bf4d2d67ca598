import { AluOp, AtomicOp, CALL, EXIT, InsnClass, JumpOp, LD_IMM64, MemoryMode, OperandSource, PseudoCall } from './constants'
import { type Instruction, type InstructionKind, type InstructionOf, type Operand, slotsOf } from './instruction'
import { aluOperations, atomicOperations, conditions, sizes } from './operations'
import { SLOT_SIZE, type Slot, writeSlot } from './slots'

/** `off` of a MOV that is an address space cast, or a per-CPU address in translated code. */
export const MOV_ADDR_SPACE_CAST = 1
export const MOV_ADDR_PERCPU = -1

/** The bytes of instructions, in the byte order asked for. Fields that do not fit are cut. */
export function encode(instructions: readonly Instruction[], littleEndian: boolean): Uint8Array {
  const code = new Uint8Array(instructions.reduce((slots, instruction) => slots + slotsOf(instruction), 0) * SLOT_SIZE)
  let at = 0
  for (const instruction of instructions) {
    for (const slot of toSlots(instruction)) writeSlot(code, at++, slot, littleEndian)
  }
  return code
}

/** The one or two slots of an instruction; unused fields are 0. */
export function toSlots(instruction: Instruction): readonly Slot[] {
  const first = { dst: 0, src: 0, off: 0, imm: 0, ...fieldsOf(instruction) }
  if (instruction.kind !== 'loadImm64') return [first]
  return [first, { opcode: 0, dst: 0, src: 0, off: 0, imm: Number(BigInt.asIntN(32, instruction.value >> 32n)) }]
}

type Fields = Pick<Slot, 'opcode'> & Partial<Slot>

// The table holds one encoder a kind; TypeScript cannot see that the one looked up fits the instruction.
const fieldsOf = (instruction: Instruction): Fields => (encoders[instruction.kind] as (instruction: Instruction) => Fields)(instruction)

const encoders: { readonly [K in InstructionKind]: (instruction: InstructionOf<K>) => Fields } = {
  alu({ op, width, dst, operand }) {
    const operation = aluOperations[op]
    return { ...withOperand(aluClass(width) | operation.op, operand), dst, off: operation.off }
  },
  neg: ({ width, dst }) => ({ opcode: aluClass(width) | AluOp.NEG, dst }),
  movsx: ({ width, bits, dst, src }) => ({ opcode: aluClass(width) | AluOp.MOV | OperandSource.X, dst, src, off: bits }),
  endian({ order, bits, dst }) {
    const source = order === 'be' ? OperandSource.X : OperandSource.K
    return { opcode: (order === 'swap' ? InsnClass.ALU64 : InsnClass.ALU) | AluOp.END | source, dst, imm: bits }
  },
  addrSpaceCast({ dst, src, to, from }) {
    return { opcode: MOV64_X, dst, src, off: MOV_ADDR_SPACE_CAST, imm: (to << 16) | (from & 0xffff) }
  },
  percpuAddress: ({ dst, src }) => ({ opcode: MOV64_X, dst, src, off: MOV_ADDR_PERCPU }),
  load({ bits, signed, dst, base, offset }) {
    const mode = signed ? MemoryMode.MEMSX : MemoryMode.MEM
    return { opcode: InsnClass.LDX | mode | sizes[bits], dst, src: base, off: offset }
  },
  store({ bits, base, offset, operand }) {
    const size = MemoryMode.MEM | sizes[bits]
    if (operand.kind === 'immediate') return { opcode: InsnClass.ST | size, dst: base, off: offset, imm: operand.value }
    return { opcode: InsnClass.STX | size, dst: base, src: operand.register, off: offset }
  },
  atomic({ op, fetch, bits, base, offset, src }) {
    const imm = atomicOperations[op].op | (fetch ? AtomicOp.FETCH : 0)
    return { opcode: ATOMIC | sizes[bits], dst: base, src, off: offset, imm }
  },
  loadAcquire({ bits, dst, base, offset }) {
    return { opcode: ATOMIC | sizes[bits], dst, src: base, off: offset, imm: AtomicOp.LOAD_ACQ }
  },
  storeRelease({ bits, base, offset, src }) {
    return { opcode: ATOMIC | sizes[bits], dst: base, src, off: offset, imm: AtomicOp.STORE_REL }
  },
  loadPacket({ bits, index, offset }) {
    const mode = index === undefined ? MemoryMode.ABS : MemoryMode.IND
    return { opcode: InsnClass.LD | mode | sizes[bits], src: index ?? 0, imm: offset }
  },
  loadImm64: ({ dst, pseudo, value }) => ({ opcode: LD_IMM64, dst, src: pseudo, imm: Number(BigInt.asIntN(32, value)) }),
  goto: ({ long, distance }) =>
    long ? { opcode: InsnClass.JMP32 | JumpOp.JA, imm: distance } : { opcode: InsnClass.JMP | JumpOp.JA, off: distance },
  gotox: ({ register }) => ({ opcode: InsnClass.JMP | JumpOp.JA | OperandSource.X, dst: register }),
  branch({ condition, width, dst, operand, distance }) {
    const jumpClass = width === 64 ? InsnClass.JMP : InsnClass.JMP32
    return { ...withOperand(jumpClass | conditions[condition].op, operand), dst, off: distance }
  },
  mayGoto: ({ distance }) => ({ opcode: InsnClass.JMP | JumpOp.JCOND, off: distance }),
  callHelper: ({ id }) => ({ opcode: CALL, imm: id }),
  callFunction: ({ distance }) => ({ opcode: CALL, src: PseudoCall.CALL, imm: distance }),
  callKfunc: ({ btfId, module }) => ({ opcode: CALL, src: PseudoCall.KFUNC_CALL, off: module, imm: btfId }),
  callx: ({ register }) => ({ opcode: CALL | OperandSource.X, dst: register }),
  exit: () => ({ opcode: EXIT }),
  nospec: () => ({ opcode: InsnClass.ST | MemoryMode.ATOMIC }),
  invalid: ({ fields }) => fields,
}

const MOV64_X = InsnClass.ALU64 | AluOp.MOV | OperandSource.X
const ATOMIC = InsnClass.STX | MemoryMode.ATOMIC

const aluClass = (width: 32 | 64): InsnClass => (width === 64 ? InsnClass.ALU64 : InsnClass.ALU)

function withOperand(opcode: number, operand: Operand): Fields {
  return operand.kind === 'register'
    ? { opcode: opcode | OperandSource.X, src: operand.register }
    : { opcode: opcode | OperandSource.K, imm: operand.value }
}
