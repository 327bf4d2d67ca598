import { BpfError } from '@bpf/bytes'
import type { ObjectSpec } from '../spec'
import type { Target } from '../target'
import { PlanError } from './plan-error'
import { matchStructOps, type StructOpsMatch, type StructOpsProgram } from './struct-ops'

/** All struct_ops variables of an object on a target. */
export interface StructOpsTable {
  /** Those that are created, by map. */
  readonly matches: ReadonlyMap<string, StructOpsMatch>
  /** Those that cannot be, by map. */
  readonly failures: ReadonlyMap<string, BpfError>
  /** How programs are loaded, or why they cannot be. */
  readonly programs: ReadonlyMap<string, StructOpsProgram | BpfError>
  /** Programs that variables refer to, and whether one of those that are created needs them. */
  readonly needed: ReadonlyMap<string, boolean>
}

export function matchAllStructOps(spec: ObjectSpec, target: Target): StructOpsTable {
  const matches = new Map<string, StructOpsMatch>()
  const failures = new Map<string, BpfError>()
  const programs = new Map<string, StructOpsProgram | BpfError>()
  const needed = new Map<string, boolean>()
  const created = new Set(spec.maps.filter(map => map.autoCreate).map(map => map.name))
  for (const variable of spec.structOps) {
    for (const { program } of variable.programs) needed.set(program, needed.get(program) ?? false)
    if (!created.has(variable.map) || spec.btf === undefined) continue
    try {
      const match = matchStructOps(variable, spec.btf, target)
      matches.set(variable.map, match)
      for (const bound of match.programs) {
        needed.set(bound.program, true)
        programs.set(bound.program, agree(programs.get(bound.program), bound))
      }
    } catch (error) {
      if (!(error instanceof BpfError)) throw error
      failures.set(variable.map, error)
      for (const { program } of variable.programs) {
        needed.set(program, true)
        if (!programs.has(program)) programs.set(program, error)
      }
    }
  }
  return { matches, failures, programs, needed }
}

/** One program may serve several variables, but only as the same member of the same struct. */
function agree(known: StructOpsProgram | BpfError | undefined, bound: StructOpsProgram): StructOpsProgram | BpfError {
  if (known === undefined || known instanceof BpfError) return bound
  if (known.attachBtfId === bound.attachBtfId && known.memberIndex === bound.memberIndex && known.module === bound.module) return known
  return new PlanError('ERR_BPF_PLAN_STRUCT_OPS', `used as ${known.target} and as ${bound.target}, but can only be one`)
}
