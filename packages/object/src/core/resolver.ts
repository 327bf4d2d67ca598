import { type Btf, CoreKind } from '@bpf/btf'
import type { Target } from '../target'
import { type Access, type CoreRequest, readAccess } from './access'
import { type Candidate, findCandidates } from './candidates'
import { subjectOf } from './core-kind'
import { Question } from './question'
import type { CandidateVerdict, CoreResolution } from './resolution'
import { type Answer, answer, answerForMissing } from './value'

/** Candidates of one local type: those that matched everything asked of it so far, and the others. */
interface CandidateSet {
  live: readonly Candidate[]
  readonly dropped: CandidateVerdict[]
}

/**
 * Decides CO-RE records of one object for one target.
 *
 * All candidates that match must agree. A candidate that fails to match one access of a local type, while another
 * matches it, is no longer asked about that type: records must come in the object's order to be decided as libbpf does.
 */
export class CoreResolver {
  readonly #local: Btf
  readonly #target: Target
  readonly #sets = new Map<number, CandidateSet>()
  readonly #resolutions = new Map<string, CoreResolution>()

  constructor(local: Btf, target: Target) {
    this.#local = local
    this.#target = target
  }

  /** @throws CoreError */
  resolve(request: CoreRequest): CoreResolution {
    const key = `${request.typeId} ${request.kind} ${request.access}`
    const known = this.#resolutions.get(key)
    if (known !== undefined) return known
    const resolution = this.#decide(request)
    this.#resolutions.set(key, resolution)
    return resolution
  }

  #decide(request: CoreRequest): CoreResolution {
    const local = readAccess(this.#local, request)
    const subject = subjectOf(request.kind) ?? 'type'
    const question = new Question(request, subject, local)
    const before = question.guard(() => answer(local, request.kind, subject))
    if (request.kind === CoreKind.TypeIdLocal) return question.resolution(before, before, before.value, [])
    const set = this.#candidates(request, question)
    const matching: { readonly candidate: Candidate; readonly access: Access; readonly answer: Answer }[] = []
    const rejected: { readonly candidate: Candidate; readonly mismatch: string }[] = []
    for (const candidate of set.live) {
      const match = question.match(candidate)
      if (match.access === undefined) {
        rejected.push({ candidate, mismatch: match.mismatch })
        continue
      }
      const { access } = match
      const own = question.guard(() => answer(access, request.kind, subject))
      const [first] = matching
      if (first !== undefined && (first.answer.value !== own.value || first.access.bitOffset !== access.bitOffset)) {
        throw question.ambiguous({ ...first, value: first.answer.value }, { candidate, access, value: own.value })
      }
      matching.push({ candidate, access, answer: own })
    }
    const verdicts = [
      ...matching.map(({ candidate }) => verdict(candidate, undefined)),
      ...rejected.map(({ candidate, mismatch }) => verdict(candidate, mismatch)),
      ...set.dropped,
    ]
    const [decisive] = matching
    if (decisive === undefined) return question.resolution(before, undefined, answerForMissing(request.kind, subject), verdicts)
    set.live = matching.map(({ candidate }) => candidate)
    set.dropped.push(...rejected.map(({ candidate, mismatch }) => verdict(candidate, mismatch)))
    return question.resolution(before, decisive.answer, decisive.answer.value, verdicts)
  }

  #candidates(request: CoreRequest, question: Question): CandidateSet {
    const known = this.#sets.get(request.typeId)
    if (known !== undefined) return known
    const root = this.#local.type(request.typeId)
    if (root.name === '') throw question.error('ERR_BPF_CORE_RECORD', 'a type without a name cannot be found in another kernel')
    const live = findCandidates(this.#local, request.typeId, this.#target.coreTypes ?? this.#target)
    if (live === undefined) {
      throw question.error(
        'ERR_BPF_CORE_NO_BTF',
        `${this.#target.description} has no BTF to relocate against`,
        'the kernel must be built with CONFIG_DEBUG_INFO_BTF, or be given BTF made for it (BTFHub)',
      )
    }
    const set: CandidateSet = { live, dropped: [] }
    this.#sets.set(request.typeId, set)
    return set
  }
}

const verdict = ({ name, typeId, module }: Candidate, mismatch: string | undefined): CandidateVerdict => ({
  name,
  typeId,
  module,
  mismatch,
})
