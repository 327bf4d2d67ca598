import { BpfError } from '@bpf/bytes'

/** Assembler text that cannot be understood. */
export class AsmError extends BpfError {
  override readonly name = 'AsmError'
  /** Counted from 1. */
  readonly line: number
  /** Counted from 1, in UTF-16 units. */
  readonly column: number

  constructor(position: Position, message: string, hint?: string) {
    super('ERR_BPF_ASM', `line ${position.line}, column ${position.column}: ${message}`, { hint })
    this.line = position.line
    this.column = position.column
  }
}

export interface Position {
  readonly line: number
  readonly column: number
}
