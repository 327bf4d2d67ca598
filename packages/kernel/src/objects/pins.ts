import { readdirSync } from 'node:fs'
import { getLinkInfo, getMapInfo, getProgInfo, isSyscallError, type OwnedFd, objGet, type Sys } from '@bpf/sys'
import { kindOfFd } from './fd-kind'

/** An object on a bpf file system. */
export interface Pin {
  readonly path: string
  readonly kind: 'prog' | 'map' | 'link'
  readonly id: number
}

/** Everything pinned below the directories, in order of path. What cannot be opened is left out. */
export function* listPins(sys: Sys, directories: readonly string[]): Generator<Pin> {
  for (const directory of directories) {
    for (const path of filesBelow(directory)) {
      const pin = readPin(sys, path)
      if (pin !== undefined) yield pin
    }
  }
}

function filesBelow(directory: string): readonly string[] {
  try {
    const entries = readdirSync(directory, { recursive: true, withFileTypes: true })
    return entries
      .filter(entry => entry.isFile())
      .map(entry => `${entry.parentPath}/${entry.name}`)
      .sort()
  } catch {
    return []
  }
}

function readPin(sys: Sys, path: string): Pin | undefined {
  try {
    using object = objGet(sys, { path })
    return describe(sys, path, object)
  } catch (error) {
    // bpffs also holds what is no object: iterators' output, another user's pins.
    if (isSyscallError(error)) return undefined
    throw error
  }
}

function describe(sys: Sys, path: string, { fd }: OwnedFd): Pin | undefined {
  const kind = kindOfFd(fd)
  if (kind === 'prog') return { path, kind, id: getProgInfo(sys, fd).id }
  if (kind === 'map') return { path, kind, id: getMapInfo(sys, fd).id }
  return kind === 'link' ? { path, kind, id: getLinkInfo(sys, fd).id } : undefined
}
