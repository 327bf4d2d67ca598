import { readFileSync, realpathSync, statfsSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import { bpffsAmong, type Mount, mountOf, parseMounts, usualBpffs } from './mounts'

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

/** What stands in the way of a pin, and what to do about it. */
export interface PinObstacle {
  readonly problem: string
  readonly hint: string
}

/**
 * Why the kernel would not pin anything at a path, or make the directories for it, as far as the path tells.
 *
 * @param above what is there already: of a directory for pins, perhaps the path itself
 */
export function pinObstacle(path: string, above: string = existingAncestor(dirname(path))): PinObstacle | undefined {
  if (!isBpffs(above)) return notOnBpffs(above, parseMounts(readFileSync('/proc/self/mountinfo', 'utf8')))
  const names = relative(above, path)
  if (!names.includes('.')) return undefined
  return { problem: 'the kernel allows no dots in the names of pins and their directories', hint: `call it ${names.replaceAll('.', '_')}` }
}

/** The same as a sentence, for errors that say something else first. */
export function pinHint(path: string): string | undefined {
  const obstacle = pinObstacle(path)
  return obstacle && `${obstacle.problem}: ${obstacle.hint}`
}

export function notOnBpffs(directory: string, mounts: readonly Mount[]): PinObstacle {
  const found = mountOf(mounts, realpathSync(directory))
  const [place] = bpffsAmong(mounts)
  return {
    problem: `${directory} is on ${found?.type ?? 'another file system'}, not on a bpf file system`,
    hint:
      place === undefined
        ? `mount one with mount -t bpf bpf ${usualBpffs}, and take a path below it (ip netns exec takes it out of sight)`
        : `take a path below ${place}`,
  }
}
