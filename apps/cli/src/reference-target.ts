import type { Reference } from '@bpf/object'

/** What an instruction refers to, in a word: `counts`, `.bss+8`. */
export function referenceTarget(reference: Reference): string {
  switch (reference.kind) {
    case 'map':
      return reference.map
    case 'mapValue':
      return `${reference.map}+${reference.offset}`
    case 'function':
      return reference.function
    case 'extern':
      return reference.extern
    case 'jumpTable':
      return reference.table
  }
}
