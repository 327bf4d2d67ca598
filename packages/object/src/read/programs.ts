import { matchSection, tailCallIndexOf } from '../sections/match-section'
import type { FunctionSpec, ProgramSpec } from '../spec'

/** Compilers put functions without a section of their own here: they are called by programs and are none themselves. */
const SUBPROGRAM_SECTION = '.text'

/** The entry programs among an object's functions, in the order of the functions. */
export function entryPrograms(functions: readonly FunctionSpec[], warnings: string[]): ProgramSpec[] {
  const called = new Set<string>()
  for (const { references } of functions) {
    for (const reference of references) if (reference.kind === 'function') called.add(reference.function)
  }
  const entries = functions.filter(fn => isEntry(fn, called))
  const forgotten = entries.length > 0 ? undefined : functions.find(({ name }) => !called.has(name))
  if (forgotten !== undefined) warnings.push(`there is no program: SEC("…") is missing before ${forgotten.name}, which nothing can call`)
  return entries.map(fn => program(fn, warnings))
}

/** A function in a named section is a program, unless it was only put there: it is called, and static or in no known section. */
function isEntry({ name, section, linkage }: FunctionSpec, called: ReadonlySet<string>): boolean {
  if (section === SUBPROGRAM_SECTION) return false
  return !called.has(name) || (linkage !== 'static' && matchSection(section) !== undefined)
}

function program({ name, section }: FunctionSpec, warnings: string[]): ProgramSpec {
  const match = matchSection(section)
  const tailCallIndex = tailCallIndexOf(section)
  if (match?.loose === true && tailCallIndex === undefined) {
    warnings.push(`program "${name}": section ${section} is taken for ${match.pattern}, as loaders before libbpf 1.0 did`)
  }
  return {
    name,
    section,
    pattern: match?.pattern,
    looseSection: match?.loose ?? false,
    type: match?.type ?? 0,
    expectedAttachType: match?.expectedAttachType ?? 0,
    attachTarget: tailCallIndex === undefined ? match?.target : undefined,
    flags: match?.loadFlags ?? 0,
    autoLoad: !section.startsWith('?'),
    optional: false,
    tailCallIndex,
    license: undefined,
    function: name,
  }
}
