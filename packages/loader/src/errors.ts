import { BpfError, nearNames } from '@bpf/bytes'

export type LoadErrorCode =
  | 'ERR_BPF_LOAD'
  /** The kernel lacks something; `feature` names it. */
  | 'ERR_BPF_UNSUPPORTED'
  /** This process may not do that; `missing` names the capabilities that it lacks, if it is that. */
  | 'ERR_BPF_PERMISSION'

export type LoadStage = 'file' | 'token' | 'btf' | 'map' | 'program' | 'slots' | 'struct_ops' | 'pin' | 'run'

export interface LoadErrorFields {
  readonly code?: LoadErrorCode | undefined
  readonly stage: LoadStage
  /** The map, program, file … */
  readonly subject: string
  readonly problem: string
  readonly hint?: string | undefined
  readonly feature?: string | undefined
  readonly missing?: readonly string[] | undefined
  readonly cause?: unknown
}

/** A step of loading failed; what the steps before it made has been closed again. */
export class LoadError extends BpfError {
  override readonly name = 'LoadError'
  declare readonly code: LoadErrorCode
  readonly stage: LoadStage
  readonly subject: string
  /** What the kernel lacks: `map type arena`. */
  readonly feature: string | undefined
  /** Capabilities that this process lacks. */
  readonly missing: readonly string[]

  constructor(fields: LoadErrorFields) {
    const { code = 'ERR_BPF_LOAD', stage, subject, problem, feature, missing = [], cause } = fields
    const hint = fields.hint ?? (cause instanceof BpfError ? () => cause.hint : undefined)
    super(code, `${nouns[stage] ?? stage} "${subject}" ${problem}`, { hint, cause })
    this.stage = stage
    this.subject = subject
    this.feature = feature
    this.missing = missing
  }
}

/** What `subject` is, where the stage does not say it. */
const nouns: Partial<Record<LoadStage, string>> = { btf: 'BTF of', slots: 'map', pin: 'pin', run: 'program' }

/** There is no map, program or variable of that name. */
export class NotFoundError extends BpfError {
  override readonly name = 'NotFoundError'

  constructor(kind: 'map' | 'program' | 'variable', wanted: string, known: Iterable<string>) {
    super('ERR_BPF_NOT_FOUND', `there is no ${kind} "${wanted}" in this object`, { hint: nearOrAll(wanted, [...known]) })
  }
}

/** As many names as a reader takes in. */
const fewNames = 8

function nearOrAll(wanted: string, known: readonly string[]): string | undefined {
  const near = nearNames(wanted, known)
  if (near.length > 0) return `did you mean ${near.map(name => `"${name}"`).join(' or ')}?`
  return known.length === 0 || known.length > fewNames ? undefined : `it has ${known.map(name => `"${name}"`).join(', ')}`
}
