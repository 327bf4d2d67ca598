import type { FunctionSpec, ObjectSpec } from '../spec'
import { PlanError } from './plan-error'

const PREFIX = 'exception_callback:'

/**
 * The function that a main function's declaration tag names to be run when the program throws. It is part of the program
 * even though nothing calls it. Several tags are left to the verifier, which refuses them with a better message.
 *
 * @throws PlanError
 */
export function exceptionCallback(main: FunctionSpec, spec: ObjectSpec): string | undefined {
  const names = main.declTags.filter(tag => tag.startsWith(PREFIX)).map(tag => tag.slice(PREFIX.length))
  const [name] = names
  if (name === undefined || names.length > 1) return undefined
  const entries = new Set(spec.programs.map(program => program.function))
  const callback = spec.functions.find(fn => fn.name === name && !entries.has(fn.name))
  if (callback === undefined) throw new PlanError('ERR_BPF_PLAN_FUNCTION', `there is no exception callback "${name}"`)
  if (callback.linkage === 'static' || callback.hidden) {
    throw new PlanError('ERR_BPF_PLAN_FUNCTION', `exception callback "${name}" must be global and not hidden`)
  }
  return name
}
