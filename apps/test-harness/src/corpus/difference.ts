/** What comparing two lists can tell of a difference. */
export type Fact = Pick<Difference, 'subject' | 'fact' | 'expected' | 'actual'>

/** One fact on which we and the baseline disagree. */
export interface Difference {
  /** Path of the object in the corpus. */
  readonly object: string
  readonly group: string
  readonly verdict: string
  /** Where it shows: reading, loading the whole object, or one program by itself. */
  readonly stage: 'open' | 'load' | 'alone' | 'fixed'
  /** `program NAME`, `map NAME`, or the object as a whole. */
  readonly subject: string
  /** `tag`, `xlated`, `type`, …; `error` when we failed where libbpf did not, `refused` when it is this kernel that did. */
  readonly fact: string
  readonly expected: string
  readonly actual: string
}

/** Compares named records fact by fact; names on one side only are differences too. */
export function compareNamed<T extends { readonly name: string }>(
  kind: string,
  expected: readonly T[],
  actual: readonly T[],
  facts: readonly (keyof T & string)[],
): Fact[] {
  const differences: Fact[] = []
  const remaining = [...actual]
  for (const wanted of expected) {
    const index = remaining.findIndex(other => other.name === wanted.name)
    const found = index === -1 ? undefined : remaining.splice(index, 1)[0]
    const subject = `${kind} ${wanted.name}`
    if (found === undefined) {
      differences.push({ subject, fact: 'present', expected: 'yes', actual: 'no' })
      continue
    }
    // Later facts follow from earlier ones: the first that differs says it all.
    const fact = facts.find(name => wanted[name] !== null && found[name] !== wanted[name])
    if (fact !== undefined) differences.push({ subject, fact, expected: String(wanted[fact]), actual: String(found[fact]) })
  }
  for (const extra of remaining) differences.push({ subject: `${kind} ${extra.name}`, fact: 'present', expected: 'no', actual: 'yes' })
  return differences
}
