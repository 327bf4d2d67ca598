import type { BtfType } from '@bpf/btf'
import { BpfError } from '@bpf/bytes'
import type { Access, CoreRequest } from './access'
import { cPath } from './c-path'
import type { Candidate } from './candidates'
import { CoreError, type CoreErrorCode } from './core-error'
import type { CoreSubject } from './core-kind'
import { matchCandidate } from './match'
import type { CandidateVerdict, CoreResolution } from './resolution'
import { describeType } from './type-queries'
import type { Answer, NoAnswer } from './value'

/** One record being decided: makes its results and its errors. */
export class Question {
  readonly #request: CoreRequest
  readonly #subject: CoreSubject
  readonly #local: Access
  readonly #path: string

  constructor(request: CoreRequest, subject: CoreSubject, local: Access) {
    this.#request = request
    this.#subject = subject
    this.#local = local
    this.#path = cPath(local, subject)
  }

  match(candidate: Candidate) {
    return this.#bounded(() => matchCandidate(this.#local, this.#request.kind, this.#subject, candidate.btf, candidate.typeId))
  }

  /** @throws CoreError instead of returning `NoAnswer` */
  guard(ask: () => Answer | NoAnswer): Answer {
    const result = this.#bounded(ask)
    if ('problem' in result) throw this.error('ERR_BPF_CORE_RECORD', result.problem)
    return result
  }

  resolution(
    before: Answer,
    decisive: Answer | undefined,
    after: bigint | undefined,
    candidates: readonly CandidateVerdict[],
  ): CoreResolution {
    const { kind, access } = this.#request
    return {
      kind,
      access,
      path: this.#path,
      candidates,
      before: before.value,
      after,
      checked: before.checked,
      widthBefore: before.accessedSize,
      widthAfter: decisive?.accessedSize ?? before.accessedSize,
      widthMayChange: widthMayChange(before.accessed, decisive?.accessed),
    }
  }

  error(code: CoreErrorCode, cause: string, hint?: string, candidates: readonly string[] = []): CoreError {
    return new CoreError(code, cause, { ...this.#request, path: this.#path, candidates }, hint)
  }

  ambiguous(...found: readonly { readonly candidate: Candidate; readonly access: Access; readonly value: bigint }[]): CoreError {
    const candidates = found.map(({ candidate, access, value }) => {
      const at = `[${candidate.typeId}] ${describeType(candidate.btf.type(candidate.typeId))} of ${candidate.module ?? 'vmlinux'}`
      return `${at} has ${value}${this.#subject === 'field' ? ` (bit ${access.bitOffset})` : ''}`
    })
    return this.error('ERR_BPF_CORE_AMBIGUOUS', `candidates disagree: ${candidates.join('; ')}`, undefined, candidates)
  }

  #bounded<T>(compare: () => T): T {
    try {
      return compare()
    } catch (error) {
      throw error instanceof BpfError && !(error instanceof CoreError) ? this.error('ERR_BPF_CORE_TYPE', error.message) : error
    }
  }
}

/** A narrower or wider load is right for pointers, and for ints that are extended with zeros on both sides. */
function widthMayChange(before: BtfType | undefined, after: BtfType | undefined): boolean {
  if (before?.kind === 'ptr') return after?.kind === 'ptr'
  return before?.kind === 'int' && after?.kind === 'int' && !onlySigned(before) && !onlySigned(after)
}

const onlySigned = ({ encoding }: Extract<BtfType, { readonly kind: 'int' }>): boolean =>
  encoding.signed && !encoding.char && !encoding.bool
