/**
 * The verifier's log as data. Its layout is not an interface and has changed often, so the parser recognises what it
 * knows, keeps every other line as a note, and never fails.
 *
 *     ; u32 *value = lookup(&counts, &key); @ program.bpf.c:12      source annotation
 *     4: (85) call bpf_map_lookup_elem#1                            an instruction, with its index
 *     5: R0_w=map_value_or_null(id=1,map=counts,ks=4,vs=4) R10=fp0  the registers before it
 *     R0 invalid mem access 'map_value_or_null'                     what is wrong
 *     Verification failed: Register Type Safety: Invalid dereference   since 7.3 a report for people: Reason, At, Suggestion …
 *     processed 6 insns (limit 1000000) max_states_per_insn 0 …     statistics
 */
export interface VerifierLog {
  readonly steps: readonly VerifierStep[]
  /** Lines that are neither instruction, state nor source: messages, function headers. */
  readonly notes: readonly string[]
  /**
   * What is wrong: the last messages, two at most, since the first often says what and the second why. The last line of any
   * kind if the log breaks off; empty if there is nothing but statistics.
   */
  readonly summary: string
  /** What kernels since 7.3 explain; undefined on older ones. `summary` ends with its reason. */
  readonly diagnosis: VerifierDiagnosis | undefined
  /** Index of the last instruction looked at, in the linked program; undefined when the log shows none. */
  readonly instruction: number | undefined
  /** The last source annotation before the message. */
  readonly source: VerifierSource | undefined
  readonly statistics: VerifierStatistics | undefined
}

/** The verifier's own report of what is wrong; its sections of places and paths are in `notes`. */
export interface VerifierDiagnosis {
  /** `Register Type Safety: Invalid dereference`. */
  readonly title: string
  /** Empty if it has no such section, as is `suggestion`. */
  readonly reason: string
  readonly suggestion: string
}

export interface VerifierStep {
  /** Instruction index in slots of the linked program. */
  readonly instruction: number
  /** As the kernel disassembles it: `(85) call bpf_map_lookup_elem#1`. */
  readonly text: string
  /** Registers and stack before it, if printed. */
  readonly state: string | undefined
  readonly source: VerifierSource | undefined
}

export interface VerifierSource {
  readonly text: string
  /** Kernels since 6.10 name the place. */
  readonly file: string | undefined
  readonly line: number | undefined
}

export interface VerifierStatistics {
  readonly processedInstructions: number
  readonly limit: number
  readonly maxStatesPerInstruction: number
  readonly totalStates: number
  readonly peakStates: number
  readonly verificationMicroseconds: number | undefined
  /** One number a function, as printed: `32+8`. */
  readonly stackDepth: string | undefined
}

const instructionLine = /^(\d+): (\([0-9a-f]{2}\) .*?)(?:\s+;\s*(.*))?$/
const stateLine = /^(\d+): ((?:R\d|fp-|frame\d|caller).*)$/
const branchLine = /^from \d+ to \d+.*: ?(.*)$/
const sourceLine = /^; (.*?)(?: @ (\S+):(\d+))?$/
const statisticsLine = /^processed (\d+) insns \(limit (\d+)\) max_states_per_insn (\d+) total_states (\d+) peak_states (\d+)/
const reportTitle = /^Verification failed: (.*)$/
const housekeeping =
  /^(?:verification time |stack depth |insns processed|cur state: |old state: |mark_read|func#\d+ @\d+|Live regs before insn:|\s*\d+: [.0-9]{10,}|$)/

export function parseVerifierLog(log: string): VerifierLog {
  const steps: VerifierStep[] = []
  const notes: string[] = []
  let source: VerifierSource | undefined
  let state: string | undefined
  let instruction: number | undefined
  /** Messages since the last instruction: they are about it. */
  let last: string[] = []
  /** Lines of the report at the end. */
  let report: string[] | undefined

  for (const line of log.replace(/\0+$/, '').split('\n')) {
    if (statisticsLine.test(line)) continue
    if (report !== undefined || reportTitle.test(line)) {
      report ??= []
      report.push(line)
      if (!housekeeping.test(line)) notes.push(line)
      continue
    }
    const sourceMatch = sourceLine.exec(line)
    if (sourceMatch) {
      source = toSource(sourceMatch)
      continue
    }
    const stateMatch = stateLine.exec(line) ?? branchLine.exec(line)
    if (stateMatch) {
      state = stateMatch.at(-1)
      continue
    }
    const instructionMatch = instructionLine.exec(line)
    if (instructionMatch) {
      instruction = Number(instructionMatch[1])
      steps.push({ instruction, text: instructionMatch[2] ?? '', state, source })
      state = instructionMatch[3]
      last = []
      continue
    }
    if (housekeeping.test(line)) continue
    notes.push(line)
    last.push(line)
  }
  const statistics = parseStatistics(log)
  const diagnosis = report && diagnosisOf(report)
  const messages = diagnosis === undefined ? last.slice(-2) : [...last.slice(-1), diagnosis.reason || diagnosis.title]
  const summary = messages.join('; ') || notes.at(-1) || (statistics ? '' : lastLine(log))
  return { steps, notes, summary, diagnosis, instruction, source, statistics }
}

function diagnosisOf(report: readonly string[]): VerifierDiagnosis {
  return {
    title: reportTitle.exec(report[0] ?? '')?.[1] ?? '',
    reason: sectionOf(report, 'Reason:'),
    suggestion: sectionOf(report, 'Suggestion:'),
  }
}

/** The indented lines below a heading, as one. */
function sectionOf(report: readonly string[], heading: string): string {
  const lines = report.slice(report.indexOf(heading) + 1 || report.length)
  const end = lines.findIndex(line => !line.startsWith(' '))
  const own = end === -1 ? lines : lines.slice(0, end)
  return own.map(line => line.trim()).join(' ')
}

function toSource(match: RegExpExecArray): VerifierSource {
  return { text: match[1] ?? '', file: match[2], line: match[3] === undefined ? undefined : Number(match[3]) }
}

/** All there is of a log that breaks off in the middle of the walk. */
function lastLine(log: string): string {
  return log.replace(/\0+$/, '').trimEnd().split('\n').at(-1) ?? ''
}

function parseStatistics(log: string): VerifierStatistics | undefined {
  const numbers = new RegExp(statisticsLine.source, 'm').exec(log)
  if (!numbers) return undefined
  const [processed, limit, perInstruction, total, peak] = numbers.slice(1).map(Number)
  const time = /^verification time (\d+) usec/m.exec(log)
  return {
    processedInstructions: processed ?? 0,
    limit: limit ?? 0,
    maxStatesPerInstruction: perInstruction ?? 0,
    totalStates: total ?? 0,
    peakStates: peak ?? 0,
    verificationMicroseconds: time ? Number(time[1]) : undefined,
    stackDepth: /^stack depth (\S+)/m.exec(log)?.[1],
  }
}
