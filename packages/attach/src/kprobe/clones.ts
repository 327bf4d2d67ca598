/** What compilers call a function that they changed the arguments of, and those that they made of it for certain arguments. */
const cloneSuffix = /^(?:\.(?:isra|constprop|llvm)\.\d+)+$/

export function isCloneOf(other: string, name: string): boolean {
  return other.startsWith(`${name}.`) && cloneSuffix.test(other.slice(name.length))
}

/** The name in the source of what compilers cloned; any other name as it is. */
export function withoutCloneSuffix(name: string): string {
  const dot = name.indexOf('.')
  return dot > 0 && cloneSuffix.test(name.slice(dot)) ? name.slice(0, dot) : name
}

/** `name.part.0`: what remains of a function whose beginning, often a test and a return, was put inline. */
export function isPartOf(other: string, name: string): boolean {
  return other.startsWith(`${name}.part.`) && !other.includes('.cold', name.length)
}
