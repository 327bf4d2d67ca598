import type { ObjectKind } from '@bpf/sys'
import type { Complete } from '@bpf/terminal'
import type { ObjectNames } from './object-names'

/** Names in the object that stands on the line: `bpf start obj.o --only `. */
export const inObject =
  (kind: ObjectNames): Complete =>
  async line =>
    (await import('./object-names')).namesInObject(kind, line)

/** The operand behind the object: `bpf disasm obj.o `. */
export const behindObject =
  (kind: ObjectNames): Complete =>
  async line =>
    line.positionals.length === 1 ? inObject(kind)(line) : []

/** What selects something in the kernel: `bpf prog dump id `. Words that may stand in front of it are offered, too. */
export const selected =
  (kind: ObjectKind, ...leading: readonly string[]): Complete =>
  async ({ positionals }) => {
    const { selectorCandidates } = await import('./loaded-names')
    const [first = '', ...others] = positionals
    if (leading.includes(first)) return selectorCandidates(kind, others)
    return [...(positionals.length === 0 ? leading : []), ...selectorCandidates(kind, positionals)]
  }

/** The rest of a selector, of which the keyword is known. */
export const behindKeyword =
  (kind: ObjectKind, keyword: 'id' | 'name'): Complete =>
  async () =>
    (await import('./loaded-names')).selectorCandidates(kind, [keyword])

/** Whatever there are: the shell knows. */
export const files: Complete = async () => []

/** A word, and behind it what depends on it: `bpf btf dump map id `. */
export const behindWord =
  (next: Readonly<Record<string, Complete>>): Complete =>
  async ({ positionals: [word, ...positionals], io }) => {
    if (word === undefined) return Object.keys(next)
    return Object.hasOwn(next, word) ? ((await next[word]?.({ positionals, io })) ?? []) : []
  }

/** The only operand is one of a few words. */
export const oneOf =
  (...words: readonly string[]): Complete =>
  async ({ positionals }) =>
    positionals.length === 0 ? words : []
