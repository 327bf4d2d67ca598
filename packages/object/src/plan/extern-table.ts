import { BpfError } from '@bpf/bytes'
import { lazy } from '../lazy'
import type { ExternSpec, ObjectSpec } from '../spec'
import type { Target } from '../target'
import { type KsymValue, resolveKsym } from './ksym'
import { PlanError } from './plan-error'

/** What every extern of an object stands for; one that cannot be resolved fails only the programs that refer to it. */
export interface ExternTable {
  readonly values: ReadonlyMap<string, ExternValue | BpfError>
  /** Modules that kfuncs are in; the first has index 1 in a call's `off`. */
  readonly kfuncModules: readonly string[]
}

export interface ExternValue {
  readonly spec: ExternSpec
  /** Position in libbpf's order, which is part of a poisoned call: options by layout first, then symbols by name. */
  readonly index: number
  /** Undefined for kernel configuration options, which live in a map. */
  readonly ksym: KsymValue | undefined
}

/** @param kconfigFailures Options that could not be filled. */
export function resolveExterns({ externs, btf }: ObjectSpec, target: Target, kconfigFailures: ReadonlyMap<string, BpfError>): ExternTable {
  const values = new Map<string, ExternValue | BpfError>()
  const kfuncModules = new Set<string>()
  const source = { local: btf, target, symbols: lazy(() => target.kallsyms()) }
  for (const [index, spec] of inOrder(externs).entries()) {
    try {
      if (spec.kind === 'undefined') throw new PlanError('ERR_BPF_PLAN_KSYM', spec.reason, { hint: spec.hint })
      const ksym = spec.kind === 'kconfig' ? undefined : resolveKsym(spec, source)
      values.set(spec.name, { spec, index, ksym })
      if (spec.kind === 'kfunc' && ksym?.kind === 'btf' && ksym.module !== undefined) kfuncModules.add(ksym.module)
    } catch (error) {
      if (!(error instanceof BpfError)) throw error
      values.set(spec.name, error)
    }
  }
  return { values: new Map([...values, ...kconfigFailures]), kfuncModules: [...kfuncModules] }
}

function inOrder(externs: readonly ExternSpec[]): readonly ExternSpec[] {
  return externs.toSorted((a, b) => {
    if (a.kind === 'kconfig' && b.kind === 'kconfig') return a.offset - b.offset
    if (a.kind === 'kconfig' || b.kind === 'kconfig') return a.kind === 'kconfig' ? -1 : 1
    return a.name < b.name ? -1 : a.name > b.name ? 1 : 0
  })
}
