/** Whether a name is a glob: `*` and `?`, as neither occurs in function names. */
function isGlob(pattern: string): boolean {
  return /[*?]/.test(pattern)
}

/** A glob as a regular expression for whole names. */
function globToRegExp(glob: string): RegExp {
  const source = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`)
}

/** Which functions: a name, a glob, a regular expression for whole or part names, or several names and globs. */
export type FunctionPattern = string | RegExp | readonly string[]

/** The exact names in a pattern, and a test for the names that its globs and expressions mean; absent when it has none. */
export function splitPattern(pattern: FunctionPattern): {
  readonly names: readonly string[]
  readonly matches?: (name: string) => boolean
} {
  if (pattern instanceof RegExp) return { names: [], matches: name => name.search(pattern) !== -1 }
  const all = typeof pattern === 'string' ? [pattern] : pattern
  const globs = all.filter(isGlob).map(globToRegExp)
  const names = all.filter(name => !isGlob(name))
  return globs.length === 0 ? { names } : { names, matches: name => globs.some(glob => glob.test(name)) }
}

/** For messages: `malloc`, `str*`, `/^tcp_/`, `malloc, free`. */
export function showPattern(pattern: FunctionPattern): string {
  return typeof pattern === 'string' || pattern instanceof RegExp ? String(pattern) : pattern.join(', ')
}
