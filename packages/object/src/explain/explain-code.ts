import { decodeAt, formatInstruction, SLOT_SIZE } from '@bpf/insn'
import { kindName } from '../core'
import { corePath } from '../core/core-path'
import { variableAt } from '../edit/find'
import type { FailedProgram, LoadPlan, ProgramPlan } from '../plan-types'
import type { FunctionSpec, ObjectSpec, Reference, SlotCore } from '../spec'
import type { CoreStep, LinkStep, Place, ReferenceStep } from './step'

type Planned = ProgramPlan | FailedProgram

/** Linking and relocating of one program, slot by slot. */
export function explainCode(program: Planned, spec: ObjectSpec, plan: LoadPlan): (LinkStep | ReferenceStep | CoreStep)[] {
  const placed = functionsOf(program, spec)
  const code = new CodeOf(program, spec, plan)
  const link: LinkStep[] =
    program.error === undefined && placed.length > 1
      ? [
          {
            phase: 'relocate',
            kind: 'link',
            program: program.name,
            functions: program.functions,
            slots: program.code.byteLength / SLOT_SIZE,
          },
        ]
      : []
  return [
    ...link,
    ...placed.flatMap(({ fn, slot }) => [
      ...fn.references.map(reference => code.reference(fn, slot, reference)),
      ...fn.coreRelocations.map(record => code.core(fn, slot, record)),
    ]),
  ]
}

/** Of a program that cannot be planned only the function it begins with is known. */
function functionsOf(program: Planned, spec: ObjectSpec): { readonly fn: FunctionSpec; readonly slot: number }[] {
  const entry = spec.programs.find(({ name }) => name === program.name)?.function
  const places = program.error === undefined ? program.functions : [{ name: entry ?? program.name, slot: 0 }]
  return places.flatMap(({ name, slot }) => {
    const fn = spec.functions.find(fn => fn.name === name)
    return fn === undefined ? [] : [{ fn, slot }]
  })
}

class CodeOf {
  readonly #program: Planned
  readonly #spec: ObjectSpec
  readonly #plan: LoadPlan
  /** Getters of a plan compute: once is enough. */
  readonly #source: ProgramPlan['source']

  constructor(program: Planned, spec: ObjectSpec, plan: LoadPlan) {
    this.#program = program
    this.#spec = spec
    this.#plan = plan
    this.#source = program.error === undefined ? program.source : []
  }

  reference(fn: FunctionSpec, start: number, reference: Reference): ReferenceStep {
    const slot = start + reference.slot
    const [before, after] = [this.#text(fn.code, reference.slot), this.#after(slot)]
    return {
      phase: 'relocate',
      kind: 'reference',
      ...this.#place(fn, slot),
      refersTo: refersTo(reference),
      before,
      after,
      explanation: before === after && this.#isWeak(reference) ? notThere(reference) : this.#explanation(reference, slot),
    }
  }

  core(fn: FunctionSpec, start: number, record: SlotCore): CoreStep {
    const slot = start + record.slot
    const decision = this.#program.error === undefined ? this.#program.core.find(decision => decision.slot === slot) : undefined
    return {
      phase: 'relocate',
      kind: 'core',
      ...this.#place(fn, slot),
      question: kindName(record.kind),
      path: decision?.path ?? (this.#spec.btf === undefined ? `type ${record.typeId}` : corePath(this.#spec.btf, record)),
      access: record.access,
      candidates: (decision?.candidates ?? []).map(({ name, typeId, module, mismatch }) => ({
        name,
        typeId,
        where: module ?? 'vmlinux',
        mismatch,
      })),
      before: decision?.before,
      after: decision?.after,
      instructionBefore: this.#text(fn.code, record.slot),
      instructionAfter: this.#after(slot),
    }
  }

  #place(fn: FunctionSpec, slot: number): Place {
    const line = this.#source.findLast(line => line.slot <= slot)
    const source = line && { file: line.file, line: line.line, text: line.text.trim() }
    return { program: this.#program.name, function: fn.name, slot, source }
  }

  /** The instruction as the kernel gets it, with the map's name where its descriptor will be. */
  #after(slot: number): string | undefined {
    if (this.#program.error !== undefined) return undefined
    const hole = this.#program.holes.find(hole => hole.slot === slot)
    const poison = this.#program.poisoned.find(poison => poison.slot === slot)
    const text = this.#text(this.#program.code, slot)
    if (poison !== undefined) return `${text} (made unusable)`
    if (hole === undefined || hole.kind === 'moduleBtf') return text
    return text.replace(/\((?:0x0)(?=[,)])/, `(${hole.map}`)
  }

  #text(code: Uint8Array, slot: number): string {
    return formatInstruction(decodeAt(code, slot, this.#plan.littleEndian), { helperNames: true })
  }

  #isWeak(reference: Reference): reference is ExternReference {
    return reference.kind === 'extern' && this.#spec.externs.some(({ name, weak }) => name === reference.extern && weak)
  }

  #explanation(reference: Reference, slot: number): string {
    const poison = this.#program.error === undefined ? this.#program.poisoned.find(poison => poison.slot === slot) : undefined
    return poison?.explanation ?? explanations[reference.kind](reference as never, this.#spec)
  }
}

function refersTo(reference: Reference): string {
  switch (reference.kind) {
    case 'map':
      return `map ${reference.map}`
    case 'mapValue':
      return `${reference.map}+${reference.offset}`
    case 'function':
      return `function ${reference.function}`
    case 'extern':
      return `extern ${reference.extern}`
    case 'jumpTable':
      return `jump table ${reference.table}`
  }
}

type ExternReference = Reference & { readonly kind: 'extern' }

const notThere = ({ extern }: ExternReference): string => `${extern} is weak, and this kernel has none: it is 0`

type Explain = { readonly [K in Reference['kind']]: (reference: Reference & { readonly kind: K }, spec: ObjectSpec) => string }

const explanations: Explain = {
  map: ({ map }) => `BPF_PSEUDO_MAP_FD: the descriptor of ${map}, for which the kernel puts the map's address`,
  mapValue({ map, offset }, spec) {
    const variable = variableAt(spec, map, offset)
    const place = `byte ${offset} of the value of ${map}`
    return `BPF_PSEUDO_MAP_VALUE: the address of ${variable === undefined ? place : `variable ${variable.name}, ${place}`}`
  },
  function: ({ address, function: name }) =>
    address ? `BPF_PSEUDO_FUNC: the address of ${name}, a callback` : `BPF_PSEUDO_CALL: the distance to ${name} in instructions`,
  extern: ({ call, extern }) =>
    call ? `BPF_PSEUDO_KFUNC_CALL: ${extern} by its id in the kernel's BTF` : `the value or address of ${extern} in the kernel`,
  jumpTable: ({ table }) => `the map made of jump table ${table}`,
}
