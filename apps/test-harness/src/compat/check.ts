import { type CoreDecision, type ObjectSpec, type ProgramPlan, plan, type Target } from '@bpf/object'

/** How a relocation fares on a kernel: `guarded` ones are not there, but the program asks before it uses them. */
export type Fate = 'found' | 'guarded' | 'missing'

export interface RelocationVerdict {
  readonly program: string
  /** `struct task_struct.pid`. */
  readonly path: string
  readonly fate: Fate
  /** What each candidate lacks. */
  readonly mismatches: readonly string[]
  readonly place: string | undefined
}

export interface ProgramVerdict {
  readonly program: string
  /** `loads`: as far as BTF can tell. */
  readonly status: 'loads' | 'fails'
  readonly reason: string | undefined
  readonly relocations: readonly RelocationVerdict[]
}

/** What planning an object for a kernel says about each of its programs; nothing is loaded. */
export function checkObject(spec: ObjectSpec, target: Target): ProgramVerdict[] {
  return plan(spec, target, { keepGoing: true }).programs.map(program => {
    if (program.error !== undefined) return { program: program.name, status: 'fails', reason: program.error.message, relocations: [] }
    const relocations = relocationVerdicts(program)
    const missing = relocations.find(({ fate }) => fate === 'missing')
    const other = program.poisoned.find(({ kind }) => kind !== 'core')
    const reason = missing === undefined ? other?.explanation : `${missing.path} is not there`
    return { program: program.name, status: reason === undefined ? 'loads' : 'fails', reason, relocations }
  })
}

function relocationVerdicts(program: ProgramPlan): RelocationVerdict[] {
  const absent = program.core.filter(isAbsenceKnown).map(({ path }) => path)
  const verdicts = new Map<string, RelocationVerdict>()
  for (const decision of program.core) {
    const fate = fateOf(decision, absent)
    const known = verdicts.get(decision.path)
    if (known !== undefined && rank[known.fate] >= rank[fate]) continue
    verdicts.set(decision.path, {
      program: program.name,
      path: decision.path,
      fate,
      mismatches: decision.candidates.flatMap(({ name, mismatch }) => (mismatch === undefined ? [] : [`${name}: ${mismatch}`])),
      place: placeOf(program, decision.slot),
    })
  }
  return [...verdicts.values()]
}

const rank: Readonly<Record<Fate, number>> = { found: 0, guarded: 1, missing: 2 }

/** `CoreKind`s that ask whether something exists: field, type, enumerator, and whether a type matches. */
const questions: ReadonlySet<number> = new Set([2, 8, 10, 12])

/** The program itself asked, and the answer is no. */
function isAbsenceKnown({ kind, after }: CoreDecision): boolean {
  return questions.has(kind) && after === 0n
}

/** Code that is only reached when a field exists cannot be told from other code without running it: the question is the sign. */
function fateOf({ path, after }: CoreDecision, absent: readonly string[]): Fate {
  if (after !== undefined) return 'found'
  return absent.some(asked => path === asked || path.startsWith(`${asked}.`) || asked.startsWith(`${path}.`)) ? 'guarded' : 'missing'
}

function placeOf({ source }: ProgramPlan, slot: number): string | undefined {
  const line = source.findLast(range => range.slot <= slot)
  return line && `${line.file}:${line.line}`
}
