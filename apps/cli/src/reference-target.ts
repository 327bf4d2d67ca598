import { type ObjectSpec, type Reference, variableAt } from '@bpf/object'

/** What an instruction refers to, in a word: `counts`, `.bss+8 (lost)`. */
export function referenceTarget(reference: Reference, spec: ObjectSpec): string {
  switch (reference.kind) {
    case 'map':
      return reference.map
    case 'mapValue':
      return placeInMap(reference, spec)
    case 'function':
      return reference.function
    case 'extern':
      return reference.extern
    case 'jumpTable':
      return reference.table
  }
}

function placeInMap({ map, offset }: Reference & { readonly kind: 'mapValue' }, spec: ObjectSpec): string {
  const variable = variableAt(spec, map, offset)
  return `${map}+${offset}${variable === undefined ? '' : ` (${variable.name})`}`
}
