import type { LoadPlan } from '../plan-types'
import type { ObjectSpec } from '../spec'
import { explainAttach } from './explain-attach'
import { explainCode } from './explain-code'
import { explainFile } from './explain-file'
import { explainMapCalls, explainMapDefinitions } from './explain-maps'
import { explainProgramLoad, explainSlots } from './explain-programs'
import type { Explanation } from './step'

/**
 * Tells what loading an object does, step by step: what its file contains, which maps are created and how, what becomes of
 * each instruction that refers to something, the system calls that load the programs, and what attaching them would take.
 *
 * @param bytes The file that `spec` was read from.
 * @param plan Made of `spec`, best with `keepGoing`: programs that cannot be loaded are explained as far as they came.
 * @throws ElfError, ObjectError if `bytes` are no object
 */
export function explain(bytes: Uint8Array, spec: ObjectSpec, plan: LoadPlan): Explanation {
  const planned = new Set(plan.programs.map(program => program.name))
  return {
    object: spec.name,
    target: plan.target,
    steps: [
      ...explainFile(bytes, spec),
      ...explainMapDefinitions(spec),
      ...explainMapCalls(plan),
      ...plan.programs.flatMap(program => explainCode(program, spec, plan)),
      ...plan.programs.flatMap(explainProgramLoad),
      ...explainSlots(plan),
      ...spec.programs.filter(program => planned.has(program.name)).map(explainAttach),
    ],
  }
}
