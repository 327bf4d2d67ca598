import { statfsSync } from 'node:fs'
import { basename, dirname } from 'node:path'

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

/** Why the kernel would not pin anything at a path, as far as the path tells. */
export function pinHint(path: string): string | undefined {
  if (basename(path).includes('.')) return 'the kernel allows no dots in the names of pins'
  return isBpffs(dirname(path)) ? undefined : `${dirname(path)} is not on a bpf file system, such as /sys/fs/bpf`
}
