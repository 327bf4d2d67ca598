import type { Token } from './asm-lexer'
import type { Instruction } from './instruction'

/** A name in an instruction that stands for a place, to be resolved once all labels are known. */
export interface SymbolUse {
  readonly use: 'jump' | 'call' | 'address'
  readonly token: Token
}

/** An instruction whose distance or value is 0 until its symbol is resolved. */
export interface ParsedInstruction {
  readonly instruction: Instruction
  readonly symbol?: SymbolUse
}
