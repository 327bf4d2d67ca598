import { ObjectError } from '../object-error'
import type { FunctionSpec, MapSpec, ObjectSpec, Reference } from '../spec'
import { getMap } from './find'

/** Gives a map another name, everywhere. @throws ObjectError if there is none of the name, or one of the new name */
export function renameMap(spec: ObjectSpec, name: string, newName: string): void {
  const map = getMap(spec, name)
  if (newName !== name && spec.maps.some(other => other.name === newName)) {
    throw new ObjectError('ERR_BPF_OBJECT_EDIT', `map "${name}" cannot be renamed: there is a map "${newName}"`, { symbol: newName })
  }
  map.name = newName
  const rename = <T extends { readonly map: string }>(user: T): T => (user.map === name ? { ...user, map: newName } : user)
  spec.functions = spec.functions.map(fn => mapReferences(fn, reference => ('map' in reference ? rename(reference) : reference)))
  spec.variables = spec.variables.map(rename)
  spec.structOps = spec.structOps.map(rename)
  for (const { slots } of spec.maps) for (const slot of slots) if (slot.kind === 'map' && slot.name === name) slot.name = newName
}

/** Puts another definition in a map's place, under its name: references stay. @throws ObjectError if there is none of the name */
export function replaceMap(spec: ObjectSpec, name: string, map: MapSpec): void {
  const index = spec.maps.indexOf(getMap(spec, name))
  spec.maps[index] = { ...map, name }
}

function mapReferences(fn: FunctionSpec, change: (reference: Reference) => Reference): FunctionSpec {
  const references = fn.references.map(change)
  return references.every((reference, index) => reference === fn.references[index]) ? fn : { ...fn, references }
}
