import { call } from './call'
import { Capability, type CapabilityName } from './capabilities'
import type { Sys } from './sys'

/** _LINUX_CAPABILITY_VERSION_3, and 0 for this thread: `struct __user_cap_header_struct`. */
const header = () => Uint32Array.of(0x2008_0522, 0)

/** Sets are 64 bits, in two `struct __user_cap_data_struct` of three words: effective, permitted, inheritable. */
const wordsOfHalf = 3
const bitsOfHalf = 32

/**
 * Runs `action` while this thread, no other, does without capabilities that it has; then they are effective again. `action`
 * must be synchronous: what runs later has them all.
 *
 * @throws SyscallError
 */
export function withoutCapabilities<T>(sys: Sys, names: readonly CapabilityName[], action: () => T): T {
  const held = new Uint32Array(2 * wordsOfHalf)
  call(sys, 'capget', [header(), held], {})
  const reduced = held.slice()
  for (const name of names) {
    const bit = Capability[name]
    const word = Math.floor(bit / bitsOfHalf) * wordsOfHalf
    reduced[word] = (reduced[word] ?? 0) & ~(1 << (bit % bitsOfHalf))
  }
  call(sys, 'capset', [header(), reduced], { without: names.join(', ') })
  try {
    return action()
  } finally {
    call(sys, 'capset', [header(), held], {})
  }
}
