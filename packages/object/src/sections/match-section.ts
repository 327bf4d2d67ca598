import { nearNames } from '@bpf/bytes'
import { ProgFlag } from '../constants/flags'
import { oldSectionRows, type SectionFlag, type SectionRow, sectionRows } from './section-table'

/** What a section name says about the programs in it. */
export interface SectionMatch {
  /** Of the table, e.g. `fentry+`. */
  readonly pattern: string
  /** `enum bpf_prog_type`. */
  readonly type: number
  /** `enum bpf_attach_type`. */
  readonly expectedAttachType: number
  readonly flags: ReadonlySet<SectionFlag>
  /** `BPF_F_*` of program loading. */
  readonly loadFlags: number
  /** What follows the pattern's slash, `vfs_read`; undefined when nothing does. */
  readonly target: string | undefined
  /** A name that libbpf before 1.0 accepted and later ones do not know. */
  readonly loose: boolean
}

/**
 * Finds the pattern for a section name, with or without the `?` that turns autoload off.
 * Among names that match only loosely the longest prefix wins.
 */
export function matchSection(section: string): SectionMatch | undefined {
  const name = section.startsWith('?') ? section.slice(1) : section
  const row = sectionRows.find(row => matches(row[0], name))
  if (row !== undefined) return describe(row, name, false)
  const old = oldSectionRows.find(row => matches(row[0], name)) ?? longest(sectionRows.filter(row => matchesLoosely(row, name)))
  return old && describe(old, name, true)
}

/** Asked of a hundred patterns for each program: makes no string for those that cannot match. */
function matches(pattern: string, name: string): boolean {
  if (pattern.endsWith('/')) return name.startsWith(pattern)
  if (!pattern.endsWith('+')) return name === pattern
  const wordLength = pattern.length - 1
  return (name.length === wordLength || name[wordLength] === '/') && name.startsWith(pattern.slice(0, wordLength))
}

function matchesLoosely([pattern, , , ...flags]: SectionRow, name: string): boolean {
  return flags.includes('loose') && name.startsWith(pattern)
}

function longest(rows: readonly SectionRow[]): SectionRow | undefined {
  return rows.toSorted(([a], [b]) => b.length - a.length)[0]
}

function describe([pattern, type, expectedAttachType, ...flags]: SectionRow, name: string, loose: boolean): SectionMatch {
  const loadFlags = (flags.includes('sleepable') ? ProgFlag.Sleepable : 0) | (flags.includes('xdpFrags') ? ProgFlag.XdpHasFrags : 0)
  const target = pattern.endsWith('+') ? name.slice(pattern.length) : ''
  return { pattern, type, expectedAttachType, flags: new Set(flags), loadFlags, target: target || undefined, loose }
}

/** Names that a misspelt one may be meant for, two at most, best first: `kprobe/vfs_read` for `kporbe/vfs_read`. */
export function nearSections(section: string): readonly string[] {
  const name = section.replace(/^\?/, '')
  const [word = ''] = name.split('/', 1)
  const patterns = sectionRows.map(([pattern]) => pattern)
  const words = patterns.filter(pattern => pattern.endsWith('+')).map(pattern => pattern.slice(0, -1))
  const whole = patterns.filter(pattern => !/[+/]$/.test(pattern))
  const begun = nearNames(word, words, 1).map(near => near + name.slice(word.length))
  return [...nearNames(name, whole, 2), ...begun].slice(0, 2)
}

/**
 * The slot of the program array that a name such as `socket/3` asks for: the kernel's old samples filled their
 * program array that way.
 */
export function tailCallIndexOf(section: string): number | undefined {
  const digits = /\/(\d{1,9})$/.exec(section)?.[1]
  return digits === undefined ? undefined : Number(digits)
}
