import { BpfError, nearNames } from '@bpf/bytes'
import { isBpffs, listMaps, listPrograms, NotFoundError, openObjects, type Selector } from '@bpf/kernel'
import { Errno, isSyscallError, type ObjectKind, type OwnedFd } from '@bpf/sys'
import { type Io, UsageError } from '@bpf/terminal'
import type { KernelContext } from './context'

export interface TakenSelector {
  readonly selector: Selector
  /** The operands behind it. */
  readonly rest: readonly string[]
}

const nouns: Readonly<Record<ObjectKind, string>> = { prog: 'program', map: 'map', link: 'link', btf: 'BTF' }

/** What each kind of object can be found by. */
export const selectorKeywords: Readonly<Record<ObjectKind, readonly string[]>> = {
  prog: ['id', 'name', 'tag', 'pinned'],
  map: ['id', 'name', 'pinned'],
  link: ['id', 'pinned'],
  btf: ['id'],
}

/**
 * Takes a selector off the front of the operands: `id 7`, `name counts`, `tag 3b185187f1855c4c`, `pinned PATH`, or one word:
 * a number is an id, what has a slash a path, anything else a name.
 *
 * @throws UsageError
 */
export function takeSelector(operands: readonly string[], kind: ObjectKind, io: Io): TakenSelector {
  const [first, second, ...rest] = operands
  if (first === undefined) throw new UsageError(`which ${nouns[kind]}?`, selectorHint(kind))
  if (selectorKeywords[kind].includes(first)) {
    if (second === undefined) throw new UsageError(`${first}: what follows is missing`, selectorHint(kind))
    return { selector: selectorOf(first, second, io), rest }
  }
  return { selector: bareSelector(first, kind, io), rest: operands.slice(1) }
}

/** A selector that may be missing, and nothing else. @throws UsageError */
export function onlySelector(operands: readonly string[], kind: ObjectKind, io: Io): Selector | undefined {
  if (operands.length === 0) return undefined
  const { selector, rest } = takeSelector(operands, kind, io)
  noMore(rest)
  return selector
}

/** @throws UsageError if there are operands left */
export function noMore(rest: readonly string[]): void {
  if (rest.length > 0) throw new UsageError(`too many operands: ${rest.join(' ')}`)
}

function bareSelector(word: string, kind: ObjectKind, io: Io): Selector {
  if (/^\d+$/.test(word)) return selectorOf('id', word, io)
  if (word.includes('/')) return selectorOf('pinned', word, io)
  if (selectorKeywords[kind].includes('name')) return { name: word }
  throw new UsageError(`${word} is no ${nouns[kind]}`, selectorHint(kind))
}

function selectorOf(keyword: string, value: string, io: Io): Selector {
  if (keyword === 'name') return { name: value }
  if (keyword === 'pinned') return { pinned: io.resolvePath(value) }
  if (keyword === 'tag') {
    if (!/^[0-9a-f]{16}$/i.test(value)) throw new UsageError(`tag ${value}: a tag is 16 hex digits`)
    return { tag: value }
  }
  const id = Number(value)
  if (!/^\d+$/.test(value) || id > 0xffff_ffff) throw new UsageError(`id ${value}: an id is a number`)
  return { id }
}

function selectorHint(kind: ObjectKind): string {
  const forms = selectorKeywords[kind].map(word => `${word} ${word === 'pinned' ? 'PATH' : word === 'id' ? 'N' : word.toUpperCase()}`)
  return `say ${forms.join(', or ')}`
}

/** Opens all that a selector stands for; the caller closes them. @throws BpfError, with names that are near */
export function openSelected({ sys }: KernelContext, kind: ObjectKind, selector: Selector): readonly OwnedFd[] {
  try {
    return openObjects(sys, kind, selector)
  } catch (error) {
    if ('pinned' in selector && isSyscallError(error, Errno.ENOENT)) {
      throw new BpfError('ERR_BPF_NOT_FOUND', `nothing is pinned at ${selector.pinned}`, { hint: `bpf ${kind} list shows the pins` })
    }
    if ('pinned' in selector && isBpffs(selector.pinned) === false) {
      throw new BpfError('ERR_BPF_NOT_FOUND', `${selector.pinned} is no pin: it is not on a bpf file system`, {
        hint: `bpf ${kind} list shows the pins`,
      })
    }
    if (!(error instanceof NotFoundError && 'name' in selector)) throw error
    const infos = kind === 'prog' ? listPrograms(sys) : listMaps(sys)
    const near = nearNames(selector.name, new Set([...infos].map(({ name }) => name).filter(name => name !== '')))
    throw new BpfError(error.code, error.message, {
      hint: near.length > 0 ? `did you mean ${near.join(' or ')}?` : `bpf ${kind} list shows all`,
    })
  }
}

/** Opens the one that a selector stands for; the caller closes it. @throws BpfError also if there are several */
export function openOne(context: KernelContext, kind: ObjectKind, selector: Selector): OwnedFd {
  const opened = openSelected(context, kind, selector)
  const [only, ...others] = opened
  if (only !== undefined && others.length === 0) return only
  for (const fd of opened) fd.close()
  throw new BpfError('ERR_BPF_AMBIGUOUS', `${opened.length} ${nouns[kind]}s are called that`, {
    hint: `say which by id; bpf ${kind} show ${Object.entries(selector).flat().join(' ')} lists them`,
  })
}
