import { closeSync, openSync, readdirSync } from 'node:fs'
import { getResourceLimit, ResourceLimit, type Sys, setResourceLimit } from '@bpf/sys'

/** Runs a synchronous `action` while this process can have `more` descriptors besides those that are open, and no others. */
export function withFewDescriptors<T>(sys: Sys, more: number, action: () => T): T {
  const before = getResourceLimit(sys, ResourceLimit.Nofile)
  const fillers = fillHoles()
  // The last filler has the least number that was free behind all others.
  const limit = (fillers.at(-1) ?? 0) + more
  closeSync(fillers.pop() ?? -1)
  try {
    setResourceLimit(sys, ResourceLimit.Nofile, { soft: BigInt(limit), hard: before.hard })
    return action()
  } finally {
    setResourceLimit(sys, ResourceLimit.Nofile, before)
    for (const fd of fillers) closeSync(fd)
  }
}

/** Opens descriptors until the numbers go on without holes. */
function fillHoles(): number[] {
  const highest = Math.max(...readdirSync('/proc/self/fd').map(Number))
  const fillers: number[] = []
  do fillers.push(openSync('/dev/null', 'r'))
  while ((fillers.at(-1) ?? 0) <= highest)
  return fillers
}
