import type { ObjectSpec } from '@bpf/object'
import { NotFoundError } from './errors'
import type { LoadOptions } from './load-options'

/** Options that are for a map or a program that the object does not have are misspelt, not passed over. @throws NotFoundError */
export function checkNames(spec: ObjectSpec, { programs = {}, exclusive = {}, pinPolicy }: LoadOptions): void {
  const namedMaps = [...Object.keys(exclusive), ...(typeof pinPolicy === 'object' ? Object.keys(pinPolicy) : [])]
  checkKind('map', namedMaps, spec.maps)
  checkKind('program', [...Object.keys(programs), ...Object.values(exclusive)], spec.programs)
}

function checkKind(kind: 'map' | 'program', wanted: readonly string[], things: readonly { readonly name: string }[]): void {
  const known = new Set(things.map(({ name }) => name))
  for (const name of wanted) if (!known.has(name)) throw new NotFoundError(kind, name, known)
}
