import { SegmentType } from './constants'
import type { ElfFile, ElfSegment } from './types'

/** Byte offset in the file of a virtual address; undefined where no loaded byte of the file is. */
export type AddressMap = (address: bigint) => number | undefined

/**
 * How the loader would place the file in memory, turned round: what uprobes need, since the kernel takes file offsets.
 *
 * Only segments that have all of `flags` (`SegmentFlag`) count.
 */
export function addressMap(elf: ElfFile, flags = 0): AddressMap {
  const loaded = elf.segments
    .filter(segment => segment.type === SegmentType.Load && (segment.flags & flags) === flags)
    .sort((a, b) => (a.virtualAddress < b.virtualAddress ? -1 : a.virtualAddress > b.virtualAddress ? 1 : 0))
  return address => offsetIn(lastAtOrBelow(loaded, address), address)
}

/** The file offset of one address, see `addressMap`. */
export function fileOffset(elf: ElfFile, address: bigint): number | undefined {
  return addressMap(elf)(address)
}

/** The bytes that are loaded at an address, up to the end of its segment; undefined where none are. Shares memory. */
export function loadedBytes(elf: ElfFile, address: bigint): Uint8Array | undefined {
  const segment = elf.segments.find(candidate => candidate.type === SegmentType.Load && offsetIn(candidate, address) !== undefined)
  const offset = offsetIn(segment, address)
  if (segment === undefined || offset === undefined) return undefined
  return elf.bytes.subarray(offset, Math.min(segment.offset + segment.fileSize, elf.bytes.length))
}

function offsetIn(segment: ElfSegment | undefined, address: bigint): number | undefined {
  if (segment === undefined || address < segment.virtualAddress) return undefined
  const distance = address - segment.virtualAddress
  return distance < segment.fileSize ? segment.offset + Number(distance) : undefined
}

/** Binary search: segments do not overlap. */
function lastAtOrBelow(sorted: readonly ElfSegment[], address: bigint): ElfSegment | undefined {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const segment = sorted[middle]
    if (segment !== undefined && segment.virtualAddress <= address) low = middle + 1
    else high = middle
  }
  return sorted[low - 1]
}
