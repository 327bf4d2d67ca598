import type { Slot } from './slots'

/** 0–10 of the instruction set. r11 addresses stack arguments since 7.1; it and r12 also appear in translated code as the kernel's own. */
export type Register = number

/** Bits that an arithmetic instruction or a comparison works on; 32-bit results are zero-extended. */
export type Width = 32 | 64

/** Bits of a memory access. */
export type Bits = 8 | 16 | 32 | 64

export type Operand =
  | { readonly kind: 'register'; readonly register: Register }
  /** Signed 32 bits, sign-extended for 64-bit operations. */
  | { readonly kind: 'immediate'; readonly value: number }

/** Binary operations `dst = dst op operand`; `mov` ignores the old value. */
export type AluName = 'add' | 'sub' | 'mul' | 'div' | 'sdiv' | 'or' | 'and' | 'lsh' | 'rsh' | 'mod' | 'smod' | 'xor' | 'mov' | 'arsh'

/** Comparisons; `set` tests `dst & operand`. Those with `s` are signed. */
export type ConditionName = 'eq' | 'gt' | 'ge' | 'set' | 'ne' | 'sgt' | 'sge' | 'lt' | 'le' | 'slt' | 'sle'

export type AtomicName = 'add' | 'or' | 'and' | 'xor' | 'xchg' | 'cmpxchg'

/**
 * An instruction as data: RFC 9669 and what came after. Made on demand for printing, assembling and analysis; code itself
 * stays bytes.
 *
 * Distances (`distance`) count slots from the slot after the instruction, as in the encoding; `offset` is bytes from the
 * base register, signed 16 bits.
 */
export type Instruction =
  | { readonly kind: 'alu'; readonly op: AluName; readonly width: Width; readonly dst: Register; readonly operand: Operand }
  | { readonly kind: 'neg'; readonly width: Width; readonly dst: Register }
  /** Sign-extending move of the low `bits`. */
  | { readonly kind: 'movsx'; readonly width: Width; readonly bits: 8 | 16 | 32; readonly dst: Register; readonly src: Register }
  /** Conversion to little or big endian, or an unconditional swap, of the low `bits`. */
  | { readonly kind: 'endian'; readonly order: 'le' | 'be' | 'swap'; readonly bits: 16 | 32 | 64; readonly dst: Register }
  /** Arena pointers, since 6.9. Address spaces are 16 bits. */
  | { readonly kind: 'addrSpaceCast'; readonly dst: Register; readonly src: Register; readonly to: number; readonly from: number }
  | {
      readonly kind: 'load'
      readonly bits: Bits
      /** Sign-extending; never with 64 bits. */
      readonly signed: boolean
      readonly dst: Register
      readonly base: Register
      readonly offset: number
    }
  | { readonly kind: 'store'; readonly bits: Bits; readonly base: Register; readonly offset: number; readonly operand: Operand }
  | {
      readonly kind: 'atomic'
      readonly op: AtomicName
      /** The old value goes to `src`, or to r0 for `cmpxchg`; always with `xchg` and `cmpxchg`. */
      readonly fetch: boolean
      readonly bits: 32 | 64
      readonly base: Register
      readonly offset: number
      readonly src: Register
    }
  | { readonly kind: 'loadAcquire'; readonly bits: Bits; readonly dst: Register; readonly base: Register; readonly offset: number }
  | { readonly kind: 'storeRelease'; readonly bits: Bits; readonly base: Register; readonly offset: number; readonly src: Register }
  /** Classic access to packet data at `offset` (signed 32 bits), plus the register `index` when there is one. Result in r0. */
  | { readonly kind: 'loadPacket'; readonly bits: 8 | 16 | 32; readonly index: Register | undefined; readonly offset: number }
  /** Two slots. `pseudo` is 0 or a `PseudoSource`; `value` is unsigned, the second slot's `imm` in its upper half. */
  | { readonly kind: 'loadImm64'; readonly dst: Register; readonly pseudo: number; readonly value: bigint }
  /** `long` (gotol, since 6.6) has 32 bits of distance instead of 16. */
  | { readonly kind: 'goto'; readonly long: boolean; readonly distance: number }
  /** Indirect jump through a jump table, since 6.19. */
  | { readonly kind: 'gotox'; readonly register: Register }
  | {
      readonly kind: 'branch'
      readonly condition: ConditionName
      readonly width: Width
      readonly dst: Register
      readonly operand: Operand
      readonly distance: number
    }
  /** Jumps once a hidden counter runs out, since 6.10. */
  | { readonly kind: 'mayGoto'; readonly distance: number }
  /** Signed: ids that no helper has mark poisoned instructions. */
  | { readonly kind: 'callHelper'; readonly id: number }
  | { readonly kind: 'callFunction'; readonly distance: number }
  /** `module` is an index into `fd_array`, or 0 for vmlinux. */
  | { readonly kind: 'callKfunc'; readonly btfId: number; readonly module: number }
  | { readonly kind: 'callx'; readonly register: Register }
  | { readonly kind: 'exit' }
  /** Only in translated code: address of a per-CPU variable on this CPU. */
  | { readonly kind: 'percpuAddress'; readonly dst: Register; readonly src: Register }
  /** Only in translated code: a speculation barrier. */
  | { readonly kind: 'nospec' }
  /** One slot that is no instruction, kept as it is; `reason` says why. */
  | { readonly kind: 'invalid'; readonly fields: Slot; readonly reason: string }

export type InstructionKind = Instruction['kind']
export type InstructionOf<K extends InstructionKind> = Extract<Instruction, { readonly kind: K }>

/** How many slots an instruction takes. */
export const slotsOf = (instruction: Instruction): 1 | 2 => (instruction.kind === 'loadImm64' ? 2 : 1)
