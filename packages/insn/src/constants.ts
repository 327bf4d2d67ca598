/**
 * The instruction set's constants, with the names of `linux/bpf.h` and `linux/bpf_common.h` without their `BPF_` prefix.
 *
 * The opcode byte has two layouts. The class, in its low three bits, says which:
 *
 *     ALU, ALU64, JMP, JMP32          LD, LDX, ST, STX
 *
 *     7 6 5 4   3   2 1 0             7 6 5   4 3   2 1 0
 *    +-------+-----+-----+           +-----+-----+-------+
 *    | op    | src |class|           |mode |size | class |
 *    +-------+-----+-----+           +-----+-----+-------+
 */

/** Bits 0–2 of the opcode. */
export const InsnClass = { LD: 0, LDX: 1, ST: 2, STX: 3, ALU: 4, JMP: 5, JMP32: 6, ALU64: 7 } as const
export type InsnClass = (typeof InsnClass)[keyof typeof InsnClass]

/** Bit 3 of arithmetic and jump opcodes: the operand is `imm` (K) or the source register (X). For `END`: to little or to big endian. */
export const OperandSource = { K: 0x00, X: 0x08 } as const
export type OperandSource = (typeof OperandSource)[keyof typeof OperandSource]

/** Bits 4–7 of ALU and ALU64 opcodes. */
export const AluOp = {
  ADD: 0x00,
  SUB: 0x10,
  MUL: 0x20,
  /** Signed when `off` is 1. */
  DIV: 0x30,
  OR: 0x40,
  AND: 0x50,
  LSH: 0x60,
  RSH: 0x70,
  NEG: 0x80,
  /** Signed when `off` is 1. */
  MOD: 0x90,
  XOR: 0xa0,
  /** Sign-extending when `off` is 8, 16 or 32; an address space cast when it is 1. */
  MOV: 0xb0,
  ARSH: 0xc0,
  /** Byte-order conversion: of class ALU to the order of bit 3, of class ALU64 an unconditional swap. */
  END: 0xd0,
} as const
export type AluOp = (typeof AluOp)[keyof typeof AluOp]

/** Bits 4–7 of JMP and JMP32 opcodes. */
export const JumpOp = {
  /** In JMP32 the distance is in `imm` (gotol). */
  JA: 0x00,
  JEQ: 0x10,
  JGT: 0x20,
  JGE: 0x30,
  JSET: 0x40,
  JNE: 0x50,
  JSGT: 0x60,
  JSGE: 0x70,
  CALL: 0x80,
  EXIT: 0x90,
  JLT: 0xa0,
  JLE: 0xb0,
  JSLT: 0xc0,
  JSLE: 0xd0,
  /** may_goto, since 6.10. */
  JCOND: 0xe0,
} as const
export type JumpOp = (typeof JumpOp)[keyof typeof JumpOp]

/** Bits 3–4 of load and store opcodes. */
export const MemorySize = { W: 0x00, H: 0x08, B: 0x10, DW: 0x18 } as const
export type MemorySize = (typeof MemorySize)[keyof typeof MemorySize]

/** Bits 5–7 of load and store opcodes. */
export const MemoryMode = { IMM: 0x00, ABS: 0x20, IND: 0x40, MEM: 0x60, MEMSX: 0x80, ATOMIC: 0xc0 } as const
export type MemoryMode = (typeof MemoryMode)[keyof typeof MemoryMode]

/** `imm` of an atomic instruction. ADD, OR, AND and XOR may be combined with FETCH; the others are complete. */
export const AtomicOp = {
  ADD: 0x00,
  OR: 0x40,
  AND: 0x50,
  XOR: 0xa0,
  FETCH: 0x01,
  XCHG: 0xe1,
  CMPXCHG: 0xf1,
  /** Since 6.15. */
  LOAD_ACQ: 0x100,
  /** Since 6.15. */
  STORE_REL: 0x110,
} as const
export type AtomicOp = (typeof AtomicOp)[keyof typeof AtomicOp]

/** `src` of a 64-bit immediate load: what the kernel makes of the value. 0 is an ordinary number. */
export const PseudoSource = {
  /** `imm` is a map's descriptor. */
  MAP_FD: 1,
  /** `imm` is a map's descriptor, the second `imm` an offset into its value. */
  MAP_VALUE: 2,
  /** `imm` is the BTF id of a kernel variable, the second `imm` the descriptor of a module's BTF or 0. */
  BTF_ID: 3,
  /** `imm` is the distance in slots to a function, counted from the next slot. */
  FUNC: 4,
  /** As MAP_FD, with an index into `fd_array`. */
  MAP_IDX: 5,
  /** As MAP_VALUE, with an index into `fd_array`. */
  MAP_IDX_VALUE: 6,
} as const
export type PseudoSource = (typeof PseudoSource)[keyof typeof PseudoSource]

/** `src` of a call. 0 calls the helper whose id is `imm`. */
export const PseudoCall = {
  /** `imm` is the distance in slots to a function, counted from the next slot. */
  CALL: 1,
  /** `imm` is the BTF id of a kernel function, `off` an index into `fd_array` or 0 for vmlinux. */
  KFUNC_CALL: 2,
} as const
export type PseudoCall = (typeof PseudoCall)[keyof typeof PseudoCall]

/** r0 to r9 are general, r10 is the frame pointer. */
export const FRAME_POINTER = 10
/** The highest register that code can name: r11 is the base of stack arguments since 7.1; before that r11, now r12, is the kernel's own and shows in translated code. */
export const LAST_REGISTER = 12

const CLASS_MASK = 0x07
const SOURCE_MASK = 0x08
const OP_MASK = 0xf0
const SIZE_MASK = 0x18
const MODE_MASK = 0xe0

export const classOf = (opcode: number): number => opcode & CLASS_MASK
/** Of an arithmetic or jump opcode. */
export const sourceOf = (opcode: number): number => opcode & SOURCE_MASK
/** `AluOp` or `JumpOp` of an arithmetic or jump opcode. */
export const opOf = (opcode: number): number => opcode & OP_MASK
/** Of a load or store opcode. */
export const sizeOf = (opcode: number): number => opcode & SIZE_MASK
/** Of a load or store opcode. */
export const modeOf = (opcode: number): number => opcode & MODE_MASK

/** `dst = imm64`, the only instruction of two slots. */
export const LD_IMM64 = InsnClass.LD | MemorySize.DW | MemoryMode.IMM
export const CALL = InsnClass.JMP | JumpOp.CALL
export const EXIT = InsnClass.JMP | JumpOp.EXIT

export const isLdImm64 = (opcode: number): boolean => opcode === LD_IMM64
/** A call by `imm`: of a helper, a function of the program or a kernel function. */
export const isCall = (opcode: number): boolean => opcode === CALL
