import type { ObjectKind } from '@bpf/sys'
import type { Files } from '../files'

/** A process that holds a descriptor of an object. */
export interface Holder {
  readonly pid: number
  /** The process's name. */
  readonly command: string
}

/** Objects by `kind` and id: `prog 12`. */
export type Holders = ReadonlyMap<string, readonly Holder[]>

export function holdersOf(holders: Holders, kind: ObjectKind, id: number): readonly Holder[] {
  return holders.get(`${kind} ${id}`) ?? []
}

/** Who holds what, by looking at every descriptor of every process this one may look at (/proc/PID/fdinfo). */
export function findHolders(files: Files): Holders {
  const holders = new Map<string, Holder[]>()
  for (const pid of files.list('/proc').filter(name => /^\d+$/.test(name))) {
    const held = new Set<string>()
    for (const fd of files.list(`/proc/${pid}/fdinfo`)) {
      const object = objectOf(files.text(`/proc/${pid}/fdinfo/${fd}`) ?? '')
      if (object !== undefined) held.add(object)
    }
    if (held.size === 0) continue
    const holder = { pid: Number(pid), command: (files.text(`/proc/${pid}/comm`) ?? '').trim() }
    for (const object of held) holders.set(object, [...(holders.get(object) ?? []), holder])
  }
  return holders
}

/** A link names its program as well, and a map its owner: the object's own id is the first. */
function objectOf(fdinfo: string): string | undefined {
  const link = /^link_id:\s*(\d+)/m.exec(fdinfo)?.[1]
  if (link !== undefined) return `link ${link}`
  const map = /^map_id:\s*(\d+)/m.exec(fdinfo)?.[1]
  if (map !== undefined) return `map ${map}`
  const program = /^prog_id:\s*(\d+)/m.exec(fdinfo)?.[1]
  if (program !== undefined) return `prog ${program}`
  const btf = /^btf_id:\s*(\d+)/m.exec(fdinfo)?.[1]
  return btf && `btf ${btf}`
}
