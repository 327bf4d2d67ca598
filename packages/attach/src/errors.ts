import { BpfError } from '@bpf/bytes'

export interface AttachErrorFields {
  readonly program: string
  readonly target: string
  readonly problem: string
  readonly hint?: string | undefined
  readonly cause?: unknown
}

/** A program could not be attached, a link not changed, or a hook not looked at. Nothing is left behind. */
export class AttachError extends BpfError {
  override readonly name = 'AttachError'
  /** Empty where no program was to be attached. */
  readonly program: string
  readonly target: string

  constructor(fields: AttachErrorFields) {
    const { program, target, problem, cause } = fields
    const hint = fields.hint ?? (cause instanceof BpfError ? cause.hint : undefined)
    const what = program === '' ? target : `program "${program}" cannot be attached to ${target}`
    super('ERR_BPF_ATTACH', `${what}: ${problem}`, { hint, cause })
    this.program = program
    this.target = target
  }
}

/** A program that somebody attached for good could not be detached. */
export class DetachError extends BpfError {
  override readonly name = 'DetachError'
  /** Empty: whichever is there. */
  readonly program: string
  readonly target: string

  constructor({ program, target, problem, hint, cause }: AttachErrorFields) {
    const what = program === '' ? 'what is attached' : `program "${program}"`
    super('ERR_BPF_DETACH', `${what} cannot be detached from ${target}: ${problem}`, { hint, cause })
    this.program = program
    this.target = target
  }
}

/** An attachment exists but does not allow what was asked of it. */
export class LinkError extends BpfError {
  override readonly name = 'LinkError'

  constructor(
    label: { readonly program: string; readonly target: string },
    problem: string,
    options: { hint?: string | undefined; cause?: unknown } = {},
  ) {
    super('ERR_BPF_LINK', `link of program "${label.program}" to ${label.target} ${problem}`, options)
  }
}
