import { syscallError } from './call'
import { Errno } from './errno'
import type { AddressRange } from './graves'
import { mapFailed } from './native'
import { ClosedError, type Fd } from './owned-fd'
import type { Sys } from './sys'
import { isSyscallError } from './syscall-error'
import type { Attributes } from './trace'

export const Prot = { None: 0, Read: 1, Write: 2 } as const
export const MapMemory = {
  Shared: 0x01,
  Private: 0x02,
  Fixed: 0x10,
  Anonymous: 0x20,
  Noreserve: 0x4000,
  Populate: 0x8000,
  FixedNoreplace: 0x100000,
} as const

export interface MappingOptions {
  /** Absent for anonymous memory. */
  readonly fd?: Fd | undefined
  /** Bytes; the kernel rounds up to whole pages. */
  readonly length: number
  /** `Prot`s added up. */
  readonly prot: number
  /** `MapMemory` flags; shared unless given. */
  readonly flags?: number
  /** Bytes into the object, whole pages. */
  readonly offset?: number
  /** Where to map, with `MapMemory.Fixed` or `FixedNoreplace` (4.17), or as a wish. */
  readonly address?: bigint
}

/**
 * Mapped memory with an owner. `buffer` is the memory itself: while it is mapped, typed arrays over it alias it.
 *
 * After `close()` no view can crash the process. Where the runtime can detach the buffer (Node 22) views over it become
 * empty; on Node 20 they show zeros, and the address range is given back once the last view is collected, or to a mapping
 * that must be there, which they show then. A store to a
 * mapping without `Prot.Write` does crash, as everywhere: do not hand such a buffer to code that may write.
 */
export class Mapping implements Disposable {
  readonly length: number
  readonly address: bigint
  readonly #sys: Sys
  #buffer: ArrayBuffer | undefined

  constructor(sys: Sys, address: bigint, length: number) {
    this.#sys = sys
    this.address = address
    this.length = length
    this.#buffer = sys.native.view(address, length)
    sys.leaks.register(this, `mapping of ${length} bytes was never closed`, this)
  }

  /** @throws ClosedError */
  get buffer(): ArrayBuffer {
    if (this.#buffer === undefined) throw new ClosedError(`mapping of ${this.length} bytes`)
    return this.#buffer
  }

  /** Idempotent. */
  close(): void {
    const buffer = this.#buffer
    if (buffer === undefined) return
    this.#buffer = undefined
    this.#sys.leaks.unregister(this)
    if (detach(buffer)) unmap(this.#sys, this.address, this.length)
    else bury(this.#sys, buffer, this.address, this.length)
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

/** mmap(2). @throws SyscallError */
export function mapMemory(sys: Sys, options: MappingOptions): Mapping {
  return new Mapping(sys, mapOrReuse(sys, options), options.length)
}

/** Where something must be at a certain address, our own graves give way. */
function mapOrReuse(sys: Sys, options: MappingOptions): bigint {
  try {
    return mmap(sys, options)
  } catch (error) {
    const { flags = MapMemory.Shared, address = 0n, length } = options
    const wanted = rangeOf(sys, address, length)
    if ((flags & MapMemory.FixedNoreplace) === 0 || !isSyscallError(error, Errno.EEXIST)) throw error
    const taken = takenMemory(sys)
    // None at all: they could not be read, as where no descriptor is left.
    if (taken.length === 0 || !sys.graves.isOnlyInTheWay(wanted, taken)) throw error
    const mapped = mmap(sys, { ...options, flags: (flags & ~MapMemory.FixedNoreplace) | MapMemory.Fixed })
    sys.graves.yield(wanted)
    return mapped
  }
}

/** What of this process's address space is taken; nothing where that cannot be read. */
export function takenMemory(sys: Sys): readonly AddressRange[] {
  const lines = (sys.readText('/proc/self/maps') ?? '').matchAll(/^([0-9a-f]+)-([0-9a-f]+) /gm)
  return [...lines].map(([, start, end]) => ({ start: BigInt(`0x${start}`), end: BigInt(`0x${end}`) }))
}

/** Whole pages. */
function rangeOf(sys: Sys, address: bigint, length: number): AddressRange {
  const { pageSize } = sys.native
  return { start: address, end: address + BigInt(Math.ceil(length / pageSize) * pageSize) }
}

/** mmap(2), without an owner. @throws SyscallError */
export function mmap(sys: Sys, options: MappingOptions): bigint {
  const { fd = -1, length, prot, flags = MapMemory.Shared, offset = 0, address = 0n } = options
  const { native } = sys
  const result = native.syscallAddress(native.arch.syscalls.mmap, address, length, prot, flags, fd, offset)
  const errno = result === mapFailed ? native.errno() : 0
  const attributes: Attributes = { address, length, prot, flags, fd, offset }
  sys.trace?.({ syscall: 'mmap', operation: undefined, attributes, result, errno })
  if (errno !== 0) throw syscallError(sys, 'mmap', undefined, errno, attributes)
  return result
}

export function unmap(sys: Sys, address: bigint, length: number): void {
  const { native } = sys
  const result = native.syscall(native.arch.syscalls.munmap, address, length)
  sys.trace?.({
    syscall: 'munmap',
    operation: undefined,
    attributes: { address, length },
    result,
    errno: result === -1 ? native.errno() : 0,
  })
}

/** Makes every view over `buffer` empty, if the runtime knows how. */
function detach(buffer: ArrayBuffer): boolean {
  const detachable: ArrayBuffer & { transfer?: (length: number) => ArrayBuffer } = buffer
  if (typeof detachable.transfer !== 'function') return false
  detachable.transfer(0)
  return true
}

/** Puts empty memory where views may still point, and releases it when none can. */
function bury(sys: Sys, buffer: ArrayBuffer, address: bigint, length: number): void {
  const flags = MapMemory.Private | MapMemory.Anonymous | MapMemory.Fixed | MapMemory.Noreserve
  mmap(sys, { length, prot: Prot.Read | Prot.Write, flags, address })
  sys.graves.add(buffer, rangeOf(sys, address, length), ({ start, end }) => unmap(sys, start, Number(end - start)))
}
