import { statSync } from 'node:fs'
import { type Files, parseMounts } from '@bpf/kernel'

/** This thread's, as setns(2) takes it. */
export const ownNamespace = '/proc/thread-self/ns/net'

/** The number by which a network namespace is known while it lives; undefined if the path leads to none. */
export function namespaceInode(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino
}

/** A path to every network namespace that some process is in or that is mounted where this process sees it, by inode number. */
export function networkNamespaces(files: Files): ReadonlyMap<number, string> {
  const mounted = parseMounts(files.text('/proc/self/mountinfo') ?? '').flatMap(({ type, root, path }) =>
    type === 'nsfs' && root.startsWith('net:') ? [path] : [],
  )
  const processes = files.list('/proc').filter(name => /^\d+$/.test(name))
  const found = new Map<number, string>()
  for (const path of [ownNamespace, ...mounted, ...processes.map(pid => `/proc/${pid}/ns/net`)]) {
    const inode = inodeOrNothing(path)
    if (inode !== undefined && !found.has(inode)) found.set(inode, path)
  }
  return found
}

/** Processes end meanwhile, and others may not be looked at. */
function inodeOrNothing(path: string): number | undefined {
  try {
    return namespaceInode(path)
  } catch {
    return undefined
  }
}
