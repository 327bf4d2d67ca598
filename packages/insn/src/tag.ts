import { toHex } from '@bpf/bytes'
import { isLdImm64, PseudoSource } from './constants'
import { sha1 } from './sha1'
import { sha256 } from './sha256'
import { getOpcode, getSrc, readSlot, setImm, slotCount } from './slots'

export interface TagOptions {
  /** Byte order of the code, which must be that of the kernel. */
  readonly littleEndian: boolean
  /** `sha256` since Linux 6.18, `sha1` before. */
  readonly hash?: 'sha1' | 'sha256'
}

/**
 * The tag of a program as the kernel shows it: 16 hexadecimal digits, the first 8 bytes of a hash over the instructions as
 * they were handed to BPF_PROG_LOAD. Map descriptors, which differ from load to load, count as zero.
 *
 * @throws CodeSizeError
 */
export function programTag(code: Uint8Array, { littleEndian, hash = 'sha256' }: TagOptions): string {
  const digest = hash === 'sha1' ? sha1(withoutMapDescriptors(code, littleEndian)) : programDigest(code, littleEndian)
  return toHex(digest.subarray(0, 8))
}

/** All 32 bytes of the SHA-256: what an exclusive map names its one program by (Linux 6.18). @throws CodeSizeError */
export function programDigest(code: Uint8Array, littleEndian: boolean): Uint8Array {
  return sha256(withoutMapDescriptors(code, littleEndian))
}

/**
 * A copy in which both halves of each load of a map or of a map's value are zero: so for MAP_VALUE also the offset. Loads
 * by index into `fd_array` stay as they are, an index being the same at each load.
 */
function withoutMapDescriptors(code: Uint8Array, littleEndian: boolean): Uint8Array {
  const copy = new Uint8Array(code)
  const slots = slotCount(code)
  for (let slot = 0; slot < slots; slot++) {
    if (!isLdImm64(getOpcode(copy, slot)) || !isMapDescriptor(getSrc(copy, slot, littleEndian))) continue
    setImm(copy, slot, 0, littleEndian)
    if (slot + 1 < slots && isSecondHalf(copy, slot + 1, littleEndian)) setImm(copy, ++slot, 0, littleEndian)
  }
  return copy
}

const isMapDescriptor = (source: number): boolean => source === PseudoSource.MAP_FD || source === PseudoSource.MAP_VALUE

function isSecondHalf(code: Uint8Array, slot: number, littleEndian: boolean): boolean {
  const { opcode, dst, src, off } = readSlot(code, slot, littleEndian)
  return opcode === 0 && dst === 0 && src === 0 && off === 0
}
