import type { Btf } from '@bpf/btf'
import { BpfError } from '@bpf/bytes'
import { CORE_POISON, type CoreResolution, CoreResolver, patchInstruction } from '../core'
import type { CoreDecision, Poison } from '../plan-types'
import type { FunctionSpec, ObjectSpec, SlotCore } from '../spec'
import type { Target } from '../target'
import { InstructionPlanError } from './plan-error'

/** A function after CO-RE, before it is linked into a program. Slots count from its start. */
export interface FunctionCode {
  readonly code: Uint8Array
  readonly core: readonly CoreDecision[]
  readonly poisoned: readonly Poison[]
}

/**
 * The functions of an object after CO-RE, each relocated once for all programs that contain it. A failure stays with its
 * function: only programs that contain it fail.
 */
export class RelocatedFunctions {
  readonly #spec: ObjectSpec
  readonly #littleEndian: boolean
  readonly #resolver: CoreResolver | undefined
  readonly #done = new Map<string, FunctionCode | BpfError>()

  /** @param last Functions that are probably not needed, entries of programs that are not loaded: not decided unless asked for. */
  constructor(spec: ObjectSpec, target: Target, last: ReadonlySet<string>) {
    this.#spec = spec
    this.#littleEndian = target.littleEndian
    this.#resolver = spec.btf && new CoreResolver(spec.btf, target)
    for (const fn of inRecordOrder(spec)) if (!last.has(fn.name)) this.#relocate(fn)
  }

  /** @throws BpfError, if the function cannot be relocated. */
  get(fn: FunctionSpec): FunctionCode {
    const result = this.#done.get(fn.name) ?? this.#relocate(fn)
    if (result instanceof BpfError) throw result
    return result
  }

  #relocate(fn: FunctionSpec): FunctionCode | BpfError {
    const plain: FunctionCode = { code: fn.code, core: [], poisoned: [] }
    const isPlain = this.#resolver === undefined || fn.coreRelocations.length === 0
    const result = isPlain ? plain : relocate(fn, this.#spec.btf, this.#resolver, this.#littleEndian)
    this.#done.set(fn.name, result)
    return result
  }
}

/** The order in which libbpf decides: that of sections in .BTF.ext, then of offsets. */
function inRecordOrder({ functions, btfExt }: ObjectSpec): readonly FunctionSpec[] {
  const sections = new Map([...(btfExt?.coreRelocations.keys() ?? [])].map((name, index) => [name, index]))
  const rank = (fn: FunctionSpec) => sections.get(fn.section) ?? sections.size
  return functions.toSorted((a, b) => rank(a) - rank(b) || a.offset - b.offset)
}

function relocate(fn: FunctionSpec, btf: Btf | undefined, resolver: CoreResolver, littleEndian: boolean): FunctionCode | BpfError {
  const code = fn.code.slice()
  const core: CoreDecision[] = []
  const poisoned: Poison[] = []
  for (const record of fn.coreRelocations) {
    try {
      const resolution = resolver.resolve(record)
      const outcome = patchInstruction(code, record.slot, resolution, littleEndian)
      core.push(decision(record, resolution, outcome === 'poisoned'))
      if (outcome === 'poisoned') {
        poisoned.push({ slot: record.slot, imm: CORE_POISON, kind: 'core', path: resolution.path, explanation: explain(resolution) })
      }
    } catch (error) {
      if (error instanceof BpfError) return new InstructionPlanError(fn, record.slot, btf, error)
      throw error
    }
  }
  return { code, core, poisoned }
}

function decision({ slot }: SlotCore, resolution: CoreResolution, poisoned: boolean): CoreDecision {
  const { kind, path, access, candidates, before, after } = resolution
  return { slot, kind, path, access, candidates, before, after: poisoned ? undefined : after }
}

/** Why there is nothing to put into the instruction. */
function explain({ path, candidates, after, widthBefore, widthAfter }: CoreResolution): string {
  if (after !== undefined)
    return `${path}: a load or store of ${widthBefore} bytes would have to become one of ${widthAfter}, which keeps the value only of pointers and unsigned integers`
  const tried = candidates.map(({ name, typeId, module, mismatch }) => `[${typeId}] ${name}${module ? ` of ${module}` : ''}: ${mismatch}`)
  return `${path} is not in the target: ${tried.length > 0 ? tried.join('; ') : 'no type of that name'}`
}
