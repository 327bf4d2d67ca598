import { toHex } from '@bpf/bytes'
import { listMaps, listPrograms } from '@bpf/kernel'
import { createSys, ids, type ObjectKind, type Sys } from '@bpf/sys'
import { selectorKeywords } from '../selector'

/** What a word can be that selects something in the kernel, given the words in front of it. Nothing where a path is meant. */
export function selectorCandidates(kind: ObjectKind, before: readonly string[]): readonly string[] {
  const sys = createSys()
  const [keyword, ...others] = before
  if (others.length > 0) return []
  if (keyword === undefined) return [...selectorKeywords[kind], ...ifAllowed(() => named(kind, sys, 'name'))]
  if (keyword === 'id') return [...ids(sys, kind)].map(String)
  return keyword === 'name' || keyword === 'tag' ? named(kind, sys, keyword) : []
}

function named(kind: ObjectKind, sys: Sys, what: 'name' | 'tag'): readonly string[] {
  if (kind === 'prog') return distinct([...listPrograms(sys)].map(({ name, tag }) => (what === 'tag' ? toHex(tag) : name)))
  return kind === 'map' && what === 'name' ? distinct([...listMaps(sys)].map(({ name }) => name)) : []
}

const distinct = (names: readonly string[]): readonly string[] => [...new Set(names)].filter(Boolean)

/** Only root may list what is in the kernel; what to select by can be said to everybody. */
function ifAllowed(list: () => readonly string[]): readonly string[] {
  try {
    return list()
  } catch {
    return []
  }
}
