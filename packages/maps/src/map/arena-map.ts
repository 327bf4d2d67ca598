import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { ClosedError, Errno, isSyscallError, MapFlag, MapMemory, type Mapping, mapMemory, Prot, type SyscallError } from '@bpf/sys'
import type { ValueCodec } from '../codec/codec'
import { viewOf } from '../codec/codec'
import { MapError } from '../errors'
import { BpfMap, type BpfMapOptions } from './bpf-map'

export interface ArenaMapOptions extends BpfMapOptions {
  /** Where it is mapped already; mapped when first used unless given. The handle owns it from here on. */
  readonly memory?: Mapping | undefined
}

/**
 * BPF_MAP_TYPE_ARENA (6.9): memory that programs and this process share, `max_entries` pages. Offsets count from its
 * beginning; pointers that programs keep in it are addresses in this process, see `offsetOf`.
 */
export class ArenaMap extends BpfMap {
  readonly kind = 'arena'
  #memory: Mapping | undefined

  constructor(options: ArenaMapOptions) {
    super(options)
    this.#memory = options.memory
  }

  /** Bytes. */
  get size(): number {
    return this.shape.maxEntries * this.context.sys.native.pageSize
  }

  /** Where it is in this process. @throws MapError, SyscallError if it cannot be mapped, ClosedError */
  get address(): bigint {
    return this.#mapping().address
  }

  /** All of it, live. @throws MapError, SyscallError if it cannot be mapped, ClosedError */
  get memory(): ArrayBuffer {
    return this.#mapping().buffer
  }

  /**
   * Where a pointer that a program stored points to: programs store addresses of this process, or their lower half. Undefined
   * when it points elsewhere.
   */
  offsetOf(pointer: bigint): number | undefined {
    const offset = BigInt.asUintN(32, pointer - this.address)
    const inside = offset < BigInt(this.size) && (pointer >> 32n === 0n || BigInt.asUintN(64, this.address) + offset === pointer)
    return inside ? Number(offset) : undefined
  }

  /**
   * The memory at `[offset, offset + length)`, live; pages come into being when they are touched. Empty or zeros once the handle
   * is closed. @throws MapError out of range, or if pages must not be touched before a program made them (BPF_F_SEGV_ON_FAULT)
   */
  view(offset = 0, length = this.size - offset): DataView {
    this.#checkRange(offset, length)
    if (this.#faults) {
      throw new MapError('ERR_BPF_ARENA', this.name, 'cannot be viewed: touching a page that no program made would end this process', {
        hint: 'it was created with BPF_F_SEGV_ON_FAULT; use read and write',
      })
    }
    return new DataView(this.#mapping().buffer, offset, length)
  }

  /** A copy of the bytes at `[offset, offset + length)`. @throws MapError out of range, or where there is no page */
  read(offset: number, length: number): Uint8Array {
    this.#checkRange(offset, length)
    const bytes = new Uint8Array(length)
    if (this.#faults) this.#access('r', fd => readSync(fd, bytes, 0, length, Number(this.address) + offset))
    else bytes.set(new Uint8Array(this.#mapping().buffer, offset, length))
    return bytes
  }

  /** @throws MapError out of range, or where there is no page */
  write(offset: number, bytes: Uint8Array): void {
    this.#checkRange(offset, bytes.byteLength)
    if (this.#faults) this.#access('r+', fd => writeSync(fd, bytes, 0, bytes.byteLength, Number(this.address) + offset))
    else new Uint8Array(this.#mapping().buffer, offset, bytes.byteLength).set(bytes)
  }

  /** @throws as `read`, and what the codec throws */
  get<T>(offset: number, codec: ValueCodec<T>): T {
    return codec.decode(viewOf(this.read(offset, codec.size)), 0)
  }

  /** @throws as `write`, and what the codec throws */
  set<T>(offset: number, codec: ValueCodec<T>, value: T): void {
    const bytes = new Uint8Array(codec.size)
    codec.encode(value, viewOf(bytes), 0)
    this.write(offset, bytes)
  }

  override close(): void {
    this.#memory?.close()
    super.close()
  }

  get #faults(): boolean {
    return (this.shape.flags & MapFlag.SegvOnFault) !== 0
  }

  /** The kernel's own way into this process's memory answers EIO where a load would be a fault. */
  #access(mode: 'r' | 'r+', action: (fd: number) => void): void {
    const memory = openSync('/proc/self/mem', mode)
    try {
      action(memory)
    } catch {
      throw new MapError('ERR_BPF_ARENA', this.name, 'has no page there: no program made it')
    } finally {
      closeSync(memory)
    }
  }

  #mapping(): Mapping {
    if (this.closed) throw new ClosedError(`map "${this.name}"`)
    this.#memory ??= this.#map()
    return this.#memory
  }

  #map(): Mapping {
    const { mapExtra: address = 0n } = this.shape
    const flags = address === 0n ? MapMemory.Shared : MapMemory.Shared | MapMemory.FixedNoreplace
    try {
      return mapMemory(this.context.sys, { fd: this.fd, length: this.size, prot: Prot.Read | Prot.Write, flags, address })
    } catch (error) {
      if (!isSyscallError(error, Errno.EEXIST, Errno.EINVAL, Errno.EBUSY)) throw error
      throw this.#cannotBeMapped(address, error)
    }
  }

  /** All who map an arena must map it where the first one did. */
  #cannotBeMapped(address: bigint, cause: SyscallError): MapError {
    if (address !== 0n)
      return new MapError('ERR_BPF_ARENA', this.name, `cannot be mapped at 0x${address.toString(16)}: something else is there`, { cause })
    const hint = 'give it an address when it is created: map_extra'
    return new MapError('ERR_BPF_ARENA', this.name, 'cannot be mapped: it was mapped first at an address that nobody knows any more', {
      cause,
      hint,
    })
  }

  #checkRange(offset: number, length: number): void {
    if (Number.isInteger(offset) && Number.isInteger(length) && offset >= 0 && length >= 0 && offset + length <= this.size) return
    throw new MapError('ERR_BPF_RANGE', this.name, `${length} bytes at ${offset} are not within its ${this.size} bytes`)
  }
}
