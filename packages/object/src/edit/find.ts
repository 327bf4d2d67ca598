import { nearNames } from '@bpf/bytes'
import { ObjectError } from '../object-error'
import type { MapSpec, ObjectSpec, ProgramSpec, VariableSpec } from '../spec'

/** @throws ObjectError with near names */
export function getMap(spec: ObjectSpec, name: string): MapSpec {
  return spec.maps.find(map => map.name === name) ?? missing('map', name, spec.maps)
}

/** @throws ObjectError with near names */
export function getProgram(spec: ObjectSpec, name: string): ProgramSpec {
  return spec.programs.find(program => program.name === name) ?? missing('program', name, spec.programs)
}

/** @throws ObjectError with near names */
export function getVariable(spec: ObjectSpec, name: string): VariableSpec {
  return spec.variables.find(variable => variable.name === name) ?? missing('variable', name, spec.variables)
}

/** The global variable that a byte of a data section belongs to; undefined between them, and for constants without a name. */
export function variableAt({ variables }: ObjectSpec, map: string, offset: number): VariableSpec | undefined {
  return variables.find(variable => variable.map === map && offset >= variable.offset && offset < variable.offset + variable.size)
}

/** More names than these are no help. */
const mostNames = 8

function missing(kind: string, name: string, known: readonly { readonly name: string }[]): never {
  const names = known.map(other => other.name)
  const near = nearNames(name, names)
  const all = names.length > 0 && names.length <= mostNames ? `there are ${names.join(', ')}` : undefined
  const hint = near.length > 0 ? `did you mean ${near.map(other => `"${other}"`).join(' or ')}?` : all
  throw new ObjectError('ERR_BPF_OBJECT_NO_SUCH', `there is no ${kind} "${name}" in this object`, { symbol: name, hint })
}
