import { MapType } from '../constants/map-type'
import type { MapSpec } from '../spec'
import type { Target } from '../target'

/** How many entries a map is created with, where what was written is completed or rounded. */
export function completeMaxEntries({ type, maxEntries }: MapSpec, target: Target): number {
  if (type === MapType.PerfEventArray && maxEntries === 0) return target.possibleCpus
  if (type === MapType.Ringbuf || type === MapType.UserRingbuf) return ringSize(maxEntries, target.pageSize)
  return maxEntries
}

/**
 * The next power of two of pages. 0 stays 0, so that a forgotten size is still an error; a size too large to be rounded up
 * is left to the kernel to refuse.
 */
export function ringSize(bytes: number, pageSize: number): number {
  if (bytes === 0 || pageSize <= 0) return bytes
  let size = pageSize
  while (size < bytes) size *= 2
  return size <= 0xffff_ffff ? size : bytes
}

/** Bytes of an arena's mapping. */
export function arenaSize({ maxEntries }: MapSpec, pageSize: number): number {
  return maxEntries * pageSize
}
