import { openFile } from './file'
import { MapMemory, mmap, Prot, unmap } from './memory'
import type { Sys } from './sys'

/** Not the context's: what is mapped must be let go also where the context went first. */
const mapped = /* @__PURE__ */ new FinalizationRegistry<() => void>(letGo => letGo())

/**
 * The first `length` bytes of a file, without a copy, for as long as somebody refers to them. For files that do not change, of the
 * kernel's above all: a store to this memory crashes, and so does a read of what was cut from the file since.
 *
 * @throws SyscallError if the file cannot be mapped
 */
export function mapFile(sys: Sys, path: string, length: number): Uint8Array {
  using file = openFile(sys, path)
  const address = mmap(sys, { fd: file.fd, length, prot: Prot.Read, flags: MapMemory.Private })
  const buffer = sys.native.view(address, length)
  mapped.register(buffer, () => unmap(sys, address, length))
  return new Uint8Array(buffer)
}
