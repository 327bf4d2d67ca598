import { nearNames } from '@bpf/bytes'
import type { ObjectSpec, ProgramSpec } from '../spec'
import { PlanError } from './plan-error'

/**
 * The programs to load: those asked for by name, or else those with autoload on. A struct_ops program follows its variables
 * instead: it is loaded when one of them is created and has a place for it.
 *
 * @param wanted Names, or undefined for no choice.
 * @param structOps Of struct_ops programs that variables refer to: whether one of those variables needs them.
 * @throws PlanError for a name that no program has.
 */
export function selectPrograms(
  spec: ObjectSpec,
  wanted: readonly string[] | undefined,
  structOps: ReadonlyMap<string, boolean>,
): readonly ProgramSpec[] {
  if (wanted === undefined) return spec.programs.filter(program => structOps.get(program.name) ?? program.autoLoad)
  const names = new Set(spec.programs.map(program => program.name))
  const unknown = wanted.find(name => !names.has(name))
  if (unknown === undefined) return spec.programs.filter(program => wanted.includes(program.name))
  const near = nearNames(unknown, names)
  throw new PlanError('ERR_BPF_PLAN_NO_PROGRAM', `object "${spec.name}" has no program "${unknown}"`, {
    hint: near.length > 0 ? `did you mean ${near.join(', ')}?` : `it has ${[...names].join(', ') || 'none'}`,
  })
}
