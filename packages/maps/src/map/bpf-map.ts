import { type Fd, getMapInfo, type MapInfo, mapFreeze, type OwnedFd } from '@bpf/sys'
import { type PinOptions, pinObject, unpinMap } from '../pin/pin'
import type { MapContext } from './context'
import type { MapShape } from './shape'

export interface BpfMapOptions {
  readonly context: MapContext
  /** The handle owns it from here on. */
  readonly fd: OwnedFd
  readonly shape: MapShape
}

/**
 * A map in the kernel: what handles of every kind have in common. Owns its descriptor: `close()`, or declare it with `using`.
 * The map itself lives on while a program or a pin refers to it.
 */
export abstract class BpfMap implements Disposable {
  /** What can be done with it; tells the handle types apart. */
  abstract readonly kind: string
  readonly shape: MapShape
  protected readonly context: MapContext
  protected readonly owner: OwnedFd

  constructor({ context, fd, shape }: BpfMapOptions) {
    this.context = context
    this.owner = fd
    this.shape = shape
  }

  get name(): string {
    return this.shape.name
  }

  /** The descriptor; stays the handle's. @throws ClosedError */
  get fd(): Fd {
    return this.owner.fd
  }

  get closed(): boolean {
    return this.owner.closed
  }

  /** What the kernel says of it now. @throws SyscallError */
  info(): MapInfo {
    return getMapInfo(this.context.sys, this.fd)
  }

  /** No more writes from user space, for good (5.2). @throws SyscallError EBUSY while it is mapped writable */
  freeze(): void {
    mapFreeze(this.context.sys, this.fd)
  }

  /** Gives it a name in a bpf file system, by which it outlives this process. @throws PinError, SyscallError */
  pin(path: string, options?: PinOptions): void {
    pinObject(this.context.sys, this.fd, path, options)
  }

  /** Removes a pin of this map; false if there is none. @throws PinError if something else is pinned there */
  unpin(path: string): boolean {
    return unpinMap(this.context.sys, path, this.info().id)
  }

  /** Idempotent. */
  close(): void {
    this.owner.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
