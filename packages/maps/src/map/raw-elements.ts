import { type MapOperation, type MapOps, mapOps, type OwnedFd, type Sys, type SyscallError } from '@bpf/sys'

export interface RawElementsOptions {
  /** Memory of the caller's for keys, instead of `key`. */
  readonly key?: Uint8Array | undefined
  /** Memory of the caller's for values. */
  readonly value?: Uint8Array | undefined
}

/**
 * Element operations on bytes, without making an object: put the key into `key` and the value into `value`, call, read `value`
 * or `nextKey`. Each returns 0 or an `Errno`. Values of per-CPU maps are one slot of 8 bytes, or a multiple, for each possible
 * CPU.
 *
 * @see MapOps for what each operation does
 */
export class RawElements {
  readonly key: Uint8Array
  readonly nextKey: Uint8Array
  readonly value: Uint8Array
  readonly #ops: MapOps
  readonly #owner: OwnedFd

  /** `sizes` in bytes; of per-CPU values, all slots. */
  constructor(sys: Sys, owner: OwnedFd, sizes: { readonly keySize: number; readonly valueSize: number }, memory: RawElementsOptions = {}) {
    this.#owner = owner
    this.#ops = mapOps(sys, owner.fd, { ...sizes, ...memory })
    this.key = this.#ops.key
    this.nextKey = this.#ops.nextKey
    this.value = this.#ops.value
  }

  lookup(flags?: number): number {
    this.#assertOpen()
    return this.#ops.lookup(flags)
  }

  update(flags?: number): number {
    this.#assertOpen()
    return this.#ops.update(flags)
  }

  delete(): number {
    this.#assertOpen()
    return this.#ops.delete()
  }

  lookupAndDelete(flags?: number): number {
    this.#assertOpen()
    return this.#ops.lookupAndDelete(flags)
  }

  /** The key after `key` into `nextKey`; ENOENT after the last. */
  next(): number {
    this.#assertOpen()
    return this.#ops.next()
  }

  /** The first key into `nextKey`; ENOENT if there is none. */
  first(): number {
    this.#assertOpen()
    return this.#ops.first()
  }

  /** The exception for what an operation returned. */
  error(operation: MapOperation, errno: number): SyscallError {
    return this.#ops.error(operation, errno)
  }

  /** After close() the number may be another descriptor's. @throws ClosedError */
  #assertOpen(): void {
    if (this.#owner.closed) void this.#owner.fd
  }
}
