/**
 * The eBPF instruction set: encode, decode, assemble, disassemble; pure TypeScript.
 *
 * @module @bpf/insn
 */

export { AsmError } from './asm-error'
export { type AsmReference, type AssembleOptions, type Assembly, assemble } from './assemble'
export {
  type BasicBlock,
  buildCfg,
  type CallSite,
  type Cfg,
  type CfgFunction,
  type CfgOptions,
  type Edge,
  type EdgeKind,
  type FlowProblem,
} from './cfg'
export { cfgToDot, type DotOptions } from './cfg-dot'
export { analyzeFlow, type FlowAnalysis, type Loop } from './cfg-loops'
export { cfgToSvg } from './cfg-svg'
export {
  AluOp,
  AtomicOp,
  CALL,
  classOf,
  EXIT,
  FRAME_POINTER,
  InsnClass,
  isCall,
  isLdImm64,
  JumpOp,
  LAST_REGISTER,
  LD_IMM64,
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
export { decode, decodeAt, type LocatedInstruction } from './decode'
export { type DisassembledLine, type DisassembleOptions, disassemble, disassembleLines, targetOf } from './disassemble'
export { encode } from './encode'
export { type FormatOptions, formatInstruction } from './format'
export { formatLikeVerifier } from './format-verifier'
export { helperSince } from './helper-versions'
export { helperId, helperName, helperNames } from './helpers'
export {
  type AluName,
  type AtomicName,
  type Bits,
  type ConditionName,
  type Instruction,
  type InstructionKind,
  type InstructionOf,
  type Operand,
  type Register,
  slotsOf,
  type Width,
} from './instruction'
export {
  CodeSizeError,
  getDst,
  getImm,
  getImm64,
  getOff,
  getOpcode,
  getSrc,
  isHelperCall,
  isKfuncCall,
  isPseudoCall,
  readSlot,
  SLOT_SIZE,
  type Slot,
  setDst,
  setImm,
  setImm64,
  setOff,
  setOpcode,
  setSrc,
  slotCount,
  slotsAt,
  swapCode,
  writeSlot,
} from './slots'
export { programDigest, programTag, type TagOptions } from './tag'
