import { slotCount } from '@bpf/insn'
import type { FunctionSpec, Reference } from '../spec'
import { PlanError } from './plan-error'

/** A function in its place. */
export interface LinkedFunction {
  readonly spec: FunctionSpec
  /** Where it begins in the program. */
  readonly slot: number
}

/** Every function of a program, each once, in the order of their code; the main one is first. */
export interface LinkedProgram {
  readonly functions: readonly LinkedFunction[]
  /** Where each begins, by name. */
  readonly slots: ReadonlyMap<string, number>
  /** Length in slots. */
  readonly length: number
}

type FunctionReference = Reference & { readonly kind: 'function' }

/**
 * Lays out a program and what it calls or takes the address of.
 *
 * The order is libbpf's, since the kernel's tag depends on it: code is searched from its start, a function that is met for
 * the first time goes to the end and is searched itself, completely, before the search of its caller goes on.
 *
 * @param extra Functions that nothing refers to and that belong behind all others: an exception callback.
 * @throws PlanError for a reference to a function that does not exist or to the inside of one.
 */
export function linkProgram(entry: string, functions: ReadonlyMap<string, FunctionSpec>, extra: readonly string[] = []): LinkedProgram {
  const placed: LinkedFunction[] = []
  const slots = new Map<string, number>()
  let length = 0
  // An explicit stack: a chain of calls in a hostile object can be as long as the object.
  const searches: { readonly references: readonly FunctionReference[]; next: number }[] = []
  const place = (spec: FunctionSpec): void => {
    placed.push({ spec, slot: length })
    slots.set(spec.name, length)
    length += slotCount(spec.code)
    searches.push({ references: spec.references.filter(isFunctionReference), next: 0 })
  }
  for (const root of [entry, ...extra]) {
    if (!slots.has(root)) place(functionOf(root, functions))
    for (let search = searches.at(-1); search !== undefined; search = searches.at(-1)) {
      const reference = search.references[search.next++]
      if (reference === undefined) searches.pop()
      else if (!slots.has(reference.function)) place(callee(reference, functions))
    }
  }
  return { functions: placed, slots, length }
}

const isFunctionReference = (reference: Reference): reference is FunctionReference => reference.kind === 'function'

function callee(reference: FunctionReference, functions: ReadonlyMap<string, FunctionSpec>): FunctionSpec {
  if (reference.offset === 0) return functionOf(reference.function, functions)
  throw new PlanError(
    'ERR_BPF_PLAN_FUNCTION',
    `instruction ${reference.slot} refers to byte ${reference.offset} of "${reference.function}", not to its start`,
  )
}

function functionOf(name: string, functions: ReadonlyMap<string, FunctionSpec>): FunctionSpec {
  const spec = functions.get(name)
  if (spec === undefined) throw new PlanError('ERR_BPF_PLAN_FUNCTION', `there is no function "${name}"`)
  return spec
}
