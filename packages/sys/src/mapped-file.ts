import { openFile } from './file'
import { onLastView } from './last-view'
import { MapMemory, mmap, Prot, unmap } from './memory'
import type { Sys } from './sys'

/**
 * The first `length` bytes of a file, without a copy, for as long as somebody refers to them; in a thread that ends they stay mapped
 * until the process does. For files that do not change, of the kernel's above all: a store to this memory crashes, and so does a
 * read of what was cut from the file since.
 *
 * @throws SyscallError if the file cannot be mapped
 */
export function mapFile(sys: Sys, path: string, length: number): Uint8Array {
  using file = openFile(sys, path)
  const address = mmap(sys, { fd: file.fd, length, prot: Prot.Read, flags: MapMemory.Private })
  const buffer = sys.native.view(address, length)
  onLastView(buffer, () => unmap(sys, address, length))
  return new Uint8Array(buffer)
}
