import { BpfError } from '@bpf/bytes'
import type { ProgramPlan } from '@bpf/object'
import { parseVerifierLog, type VerifierLog, type VerifierSource } from './log'

/** Where a rejected instruction comes from, by the object's own line information or, failing that, the log's. */
export interface SourceLine {
  readonly file: string | undefined
  readonly line: number | undefined
  readonly text: string
}

/** The kernel refused a program and said why. */
export class VerifierError extends BpfError {
  override readonly name = 'VerifierError'
  readonly program: string
  readonly section: string
  /** Everything the verifier printed. Not enumerable, nor is `parsed`: where nobody catches the error, Node would print them whole. */
  declare readonly log: string
  declare readonly parsed: VerifierLog
  /** What is wrong, one line. */
  readonly summary: string
  /** Slot of the instruction in the linked program. */
  readonly instruction: number | undefined
  /** The linked function that the instruction is in. */
  readonly function: string | undefined
  readonly source: SourceLine | undefined
  readonly errno: string

  constructor(fields: { plan: ProgramPlan; log: string; errno: string; cause?: unknown }) {
    const { plan, log, errno } = fields
    const parsed = parseVerifierLog(log)
    const poison = poisonBehind(plan, parsed)
    const summary = poison?.explanation ?? parsed.summary
    const source = sourceLine(plan, parsed)
    const within = functionAt(plan, parsed.instruction)
    super('ERR_BPF_VERIFIER', message(plan, within, summary, source), {
      hint: poison ? poisonHints[poison.kind] : hintFor(parsed),
      cause: fields.cause,
    })
    this.program = plan.name
    this.section = plan.section
    Object.defineProperties(this, { log: { value: log }, parsed: { value: parsed } })
    this.summary = summary
    this.instruction = parsed.instruction
    this.function = within
    this.source = source
    this.errno = errno
  }
}

function message(plan: ProgramPlan, within: string | undefined, summary: string, source: SourceLine | undefined): string {
  const place = source?.file ? `${source.file}:${source.line}: ` : ''
  const text = source?.text ? `\n    ${place}${source.text}` : ''
  const subprogram = within === undefined || within === plan.functions[0]?.name ? '' : ` in its function "${within}"`
  return `program "${plan.name}" was rejected by the verifier${subprogram}: ${summary}${text}`
}

/** A deliberately unusable instruction that the verifier stumbled over explains itself better than the verifier can. */
function poisonBehind(plan: ProgramPlan, parsed: VerifierLog) {
  const reached = plan.poisoned.find(p => p.slot === parsed.instruction)
  if (reached) return reached
  const helper = /invalid func unknown#(\d+)/.exec(parsed.summary)?.[1]
  return helper === undefined ? undefined : plan.poisoned.find(p => p.imm === Number(helper))
}

function sourceLine(plan: ProgramPlan, parsed: VerifierLog): SourceLine | undefined {
  const at = parsed.instruction
  const own = at === undefined ? undefined : plan.source.findLast(line => line.slot <= at)
  if (own) return { file: own.file, line: own.line, text: own.text.trim() }
  return parsed.source && fromLog(parsed.source)
}

function fromLog(source: VerifierSource): SourceLine {
  return { file: source.file, line: source.line, text: source.text.trim() }
}

function functionAt(plan: ProgramPlan, instruction: number | undefined): string | undefined {
  if (instruction === undefined) return undefined
  return plan.functions.findLast(f => f.slot <= instruction)?.name
}

/** How programs ask for what the target may not have. */
const poisonHints = {
  core: 'ask first: bpf_core_field_exists(), bpf_core_type_exists(), bpf_core_enum_value_exists()',
  kfunc: 'ask first: if (function) …; bpf_ksym_exists(function)',
  map: undefined,
} as const

/** What usually helps, by the verifier's wording. */
const hints: readonly (readonly [RegExp, string])[] = [
  [/map_value_or_null/, 'compare the pointer that bpf_map_lookup_elem returned with NULL before using it'],
  [/(?:mem|sock|ptr|alloc_mem|dynptr)\w*_or_null/, 'compare the pointer with NULL before using it'],
  [
    /invalid mem access '(?:scalar|inv)'/,
    'the verifier knows no memory behind this address: read the kernel by BPF_CORE_READ() or bpf_probe_read_kernel(), processes by bpf_probe_read_user()',
  ],
  [/expected=map_ptr/, 'a map is defined in its section: struct { … } name SEC(".maps")'],
  [/cannot call GPL-restricted function from non-GPL/, 'declare a GPL-compatible license: char LICENSE[] SEC("license") = "GPL"'],
  [/pointer \S+ pointer prohibited|pointer comparison prohibited|leaks addr/, 'without CAP_PERFMON the verifier hides addresses: grant it'],
  [/Unreleased reference/, 'release the reference on every path, or submit/discard the ring buffer record'],
  [
    /unknown func|program of this type cannot use helper|invalid func unknown/,
    'this helper does not exist for this program type on this kernel',
  ],
  [/back-edge|infinite loop/, 'bound the loop by a constant, or use bpf_loop() or an open-coded iterator'],
  [
    /BPF program is too large|too many states|1000001 insn/,
    'the program has too many paths: bound loops, mark functions __noinline, or split it',
  ],
  [/stack limit|combined stack size/, 'move large variables to a per-CPU array: the stack is 512 bytes'],
  [/invalid access to packet/, 'check data + offset against data_end before reading the packet'],
  [/invalid bpf_context access/, 'this field of the context does not exist for this program type, or is read with a wrong size'],
]

/** The verifier itself knows best, where it says something. */
function hintFor(parsed: VerifierLog): string | undefined {
  return parsed.diagnosis?.suggestion || hints.find(([pattern]) => pattern.test(parsed.summary))?.[1]
}
