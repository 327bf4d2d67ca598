/**
 * A CO-RE flavour is what follows the last `___`: `task_struct___v2` is the type `task_struct`, described once more. As libbpf
 * has it, exactly three underscores separate, with some other character on each side: `___slab_alloc` and `a____b` have none.
 */

/** The name without its flavour. */
export function essentialName(name: string): string {
  const flavour = /^(.*[^_])___[^_]/s.exec(name)
  return flavour?.[1] ?? name
}

/** Longest part of a name that is hashed: the kernel takes no longer ones (KSYM_NAME_LEN is 512). */
const hashedLength = 1024
const fnvBasis = 0x811c9dc5 | 0
const fnvPrime = 0x01000193
const underscore = 0x5f

/**
 * FNV-1a of the name at `from`, which ends at NUL or with the bytes, up to the first `__` that follows another character: there
 * a flavour may begin, so that a name has the hash of its essential part.
 */
export function hashName(bytes: Uint8Array, from: number): number {
  const end = Math.min(bytes.length, from + hashedLength)
  let hash = fnvBasis
  let previous = underscore
  for (let at = from; at < end; at++) {
    const byte = bytes[at] as number
    if (byte === 0 || (byte === underscore && previous !== underscore && bytes[at + 1] === underscore)) break
    hash = Math.imul(hash ^ byte, fnvPrime)
    previous = byte
  }
  // FNV leaves its low bits, which choose the bucket, the weakest.
  return hash ^ (hash >>> 15)
}

/** Whether the essential part of `name` is `essential`. */
export function isEssentially(name: Uint8Array, essential: Uint8Array): boolean {
  return startsWith(name, essential) && essentialLength(name) === essential.length
}

function essentialLength(name: Uint8Array): number {
  for (let at = name.length - 4; at > 0; at--) {
    const separates = name[at] === underscore && name[at + 1] === underscore && name[at + 2] === underscore
    if (separates && name[at - 1] !== underscore && name[at + 3] !== underscore) return at
  }
  return name.length
}

/** Whether the first bytes of `bytes` are `start`. */
export function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  for (let at = 0; at < start.length; at++) if (bytes[at] !== start[at]) return false
  return true
}
