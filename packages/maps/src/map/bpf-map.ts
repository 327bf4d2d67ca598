import { Errno, type Fd, getMapInfo, isSyscallError, type MapInfo, mapFreeze, type OwnedFd } from '@bpf/sys'
import { MapError } from '../errors'
import { type PinOptions, pinObject, unpinMap } from '../pin/pin'
import type { MapContext } from './context'
import { refuseMissingOperations } from './missing-operations'
import type { MapShape } from './shape'

export interface BpfMapOptions {
  readonly context: MapContext
  /** The handle owns it from here on. */
  readonly fd: OwnedFd
  readonly shape: MapShape
}

const freezeHints: Readonly<Record<number, string>> = {
  [Errno.EBUSY]: 'something maps it for writing, a MappedArray or variables: close that first; or it is frozen already',
  [Errno.EPERM]: 'it is frozen already, or was opened read-only',
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

  static {
    refuseMissingOperations(BpfMap)
  }

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

  /** No more writes from user space, for good (5.2). @throws MapError, also while it is mapped for writing; ClosedError */
  freeze(): void {
    const { fd } = this
    try {
      mapFreeze(this.context.sys, fd)
    } catch (cause) {
      if (!isSyscallError(cause)) throw cause
      const hint = cause.hint ?? freezeHints[cause.errno]
      throw new MapError('ERR_BPF_MAP_FREEZE', this.name, `cannot be frozen: ${cause.errnoName}`, { cause, hint })
    }
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
