import type { Btf } from '@bpf/btf'
import { BpfError, type BpfErrorOptions } from '@bpf/bytes'
import type { FunctionSpec } from '../spec'

export type PlanErrorCode =
  /** The object and the target disagree about byte order. */
  | 'ERR_BPF_PLAN_BYTE_ORDER'
  /** No program of that name. */
  | 'ERR_BPF_PLAN_NO_PROGRAM'
  /** No function of that name, or a call into the middle of one. */
  | 'ERR_BPF_PLAN_FUNCTION'
  /** A program whose type is unknown. */
  | 'ERR_BPF_PLAN_PROGRAM_TYPE'
  /** What a program attaches to is not in the target's BTF. */
  | 'ERR_BPF_PLAN_ATTACH_TARGET'
  /** A map, or a reference to one, that cannot be. */
  | 'ERR_BPF_PLAN_MAP'
  | 'ERR_BPF_PLAN_JUMP_TABLE'
  /** A kernel symbol, function or variable that the target lacks, or has with another type. */
  | 'ERR_BPF_PLAN_KSYM'
  /** A kernel configuration option that is missing or does not fit its variable. */
  | 'ERR_BPF_PLAN_KCONFIG'
  | 'ERR_BPF_PLAN_STRUCT_OPS'
  /** An instruction is not what a reference to it implies. */
  | 'ERR_BPF_PLAN_INSTRUCTION'

/** An object that cannot be planned for a target. */
export class PlanError extends BpfError {
  override readonly name = 'PlanError'

  constructor(code: PlanErrorCode, message: string, options?: BpfErrorOptions) {
    super(code, message, options)
  }
}

/** One program cannot be planned. `code` is that of the cause. */
export class ProgramPlanError extends BpfError {
  override readonly name = 'ProgramPlanError'
  readonly program: string
  readonly section: string

  constructor(program: string, section: string, cause: BpfError) {
    super(cause.code, `program "${program}" (section ${section}): ${cause.message}`, { cause, hint: () => cause.hint })
    this.program = program
    this.section = section
  }
}

/** One instruction cannot be relocated. `code` is that of the cause. */
export class InstructionPlanError extends BpfError {
  override readonly name = 'InstructionPlanError'
  readonly function: string
  /** From the start of the function. */
  readonly slot: number
  /** Source, where line info has it. */
  readonly file: string | undefined
  readonly line: number | undefined

  constructor(fn: FunctionSpec, slot: number, btf: Btf | undefined, cause: BpfError) {
    const source = sourceOf(fn, slot, btf)
    const where = source === undefined ? '' : ` (${source.file}:${source.line})`
    super(cause.code, `function "${fn.name}", instruction ${slot}${where}: ${cause.message}`, { cause, hint: () => cause.hint })
    this.function = fn.name
    this.slot = slot
    this.file = source?.file
    this.line = source?.line
  }

  /** Wraps a `BpfError`; others are bugs and stay as they are. */
  static at(fn: FunctionSpec, slot: number, btf: Btf | undefined, error: unknown): unknown {
    return error instanceof BpfError ? new InstructionPlanError(fn, slot, btf, error) : error
  }
}

function sourceOf(fn: FunctionSpec, slot: number, btf: Btf | undefined): { readonly file: string; readonly line: number } | undefined {
  const info = fn.lineInfo.findLast(info => info.slot <= slot)
  if (info === undefined || btf === undefined) return undefined
  return { file: btf.string(info.fileNameOffset), line: info.line }
}
