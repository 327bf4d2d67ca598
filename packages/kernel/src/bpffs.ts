import { statfsSync } from 'node:fs'
import { dirname, relative } from 'node:path'

/** linux/magic.h */
const BPF_FS_MAGIC = 0xcafe4a11

/** Whether a path is on a bpf file system; undefined where nothing is. */
export function isBpffs(path: string): boolean | undefined {
  try {
    return statfsSync(path).type >>> 0 === BPF_FS_MAGIC
  } catch {
    return undefined
  }
}

/** The path itself, or the nearest directory above it that exists. */
export function existingAncestor(path: string): string {
  let existing = path
  while (isBpffs(existing) === undefined && dirname(existing) !== existing) existing = dirname(existing)
  return existing
}

/** Why the kernel would not pin anything at a path, or make a directory there, as far as the path tells. */
export function pinHint(path: string): string | undefined {
  const above = existingAncestor(dirname(path))
  if (!isBpffs(above)) return notOnBpffs(dirname(path), isBpffs(usualPlace) === true)
  return relative(above, path).includes('.') ? 'the kernel allows no dots in the names of pins and their directories' : undefined
}

const usualPlace = '/sys/fs/bpf'

/** `mounted`: there is one at the usual place, as this process sees it. */
export function notOnBpffs(directory: string, mounted: boolean): string {
  const problem = `${directory} is not on a bpf file system`
  if (mounted) return `${problem}, such as ${usualPlace}`
  return `${problem}: none is mounted at ${usualPlace} here (ip netns exec takes it out of sight); mount -t bpf bpf ${usualPlace}`
}
