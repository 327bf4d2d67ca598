import { BpfError, toHex } from '@bpf/bytes'
import { type ObjectKind, type OwnedFd, objGet, type Sys, tryOpenById } from '@bpf/sys'
import { kindOfFd } from './fd-kind'
import { listMaps, listPrograms } from './list'

/** How to name objects: ids and pins are one object, names and tags can be several. */
export type Selector =
  | { readonly id: number }
  /** A path on a bpf file system. */
  | { readonly pinned: string }
  /** The kernel's, cut to 15 bytes. Programs and maps. */
  | { readonly name: string }
  /** 16 hex digits. Programs. */
  | { readonly tag: string }

/** The object kinds as they are called. */
const nouns: Readonly<Record<ObjectKind, string>> = { prog: 'program', map: 'map', link: 'link', btf: 'BTF' }

/**
 * Opens everything a selector stands for, at least one. The caller closes them.
 *
 * @throws NotFoundError if there is none; SyscallError
 */
export function openObjects(sys: Sys, kind: ObjectKind, selector: Selector): readonly OwnedFd[] {
  const opened = 'pinned' in selector ? openPinned(sys, kind, selector.pinned) : openAll(sys, kind, idsOf(sys, kind, selector))
  if (opened.length === 0) throw new NotFoundError(kind, selector)
  return opened
}

function openPinned(sys: Sys, kind: ObjectKind, path: string): readonly OwnedFd[] {
  const fd = objGet(sys, { path })
  const found = kindOfFd(fd.fd)
  if (found === kind) return [fd]
  fd.close()
  throw new NotFoundError(kind, { pinned: path }, found)
}

/** Those that are still there. All or none: what was opened before a failure is closed. */
function openAll(sys: Sys, kind: ObjectKind, ids: readonly number[]): readonly OwnedFd[] {
  const opened: OwnedFd[] = []
  try {
    for (const id of ids) {
      const fd = tryOpenById(sys, kind, id)
      if (fd !== undefined) opened.push(fd)
    }
  } catch (error) {
    for (const fd of opened) fd.close()
    throw error
  }
  return opened
}

function idsOf(sys: Sys, kind: ObjectKind, selector: Exclude<Selector, { readonly pinned: string }>): readonly number[] {
  if ('id' in selector) return [selector.id]
  if ('tag' in selector) return kind === 'prog' ? matching(listPrograms(sys), ({ tag }) => toHex(tag) === selector.tag.toLowerCase()) : []
  const named = ({ name }: { readonly name: string }) => name !== '' && name === kernelName(selector.name)
  if (kind === 'prog') return matching(listPrograms(sys), named)
  return kind === 'map' ? matching(listMaps(sys), named) : []
}

function matching<T extends { readonly id: number }>(infos: Iterable<T>, matches: (info: T) => boolean): readonly number[] {
  return [...infos].filter(matches).map(({ id }) => id)
}

/** The kernel keeps 15 bytes of a name. */
function kernelName(name: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(name).subarray(0, 15))
}

/** No object of that kind answers to the selector. */
export class NotFoundError extends BpfError {
  override readonly name = 'NotFoundError'
  readonly kind: ObjectKind
  readonly selector: Selector

  constructor(kind: ObjectKind, selector: Selector, found?: ObjectKind) {
    const [how, value] = Object.entries(selector)[0] ?? []
    super(
      'ERR_BPF_NOT_FOUND',
      found ? `${value} is a pinned ${nouns[found]}, not a ${nouns[kind]}` : `no ${nouns[kind]} with ${how} ${value}`,
    )
    this.kind = kind
    this.selector = selector
  }
}
