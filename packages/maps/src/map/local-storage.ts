import { type Fd, isSyscallError, type OwnedFd, openFile, pidfdOpen } from '@bpf/sys'
import type { ValueCodec } from '../codec/codec'
import { s32 } from '../codec/scalars'
import { describe, MapError } from '../errors'
import { BpfMap, type BpfMapOptions } from './bpf-map'
import { Elements } from './elements'
import { type SetMode, setFlags } from './set-mode'

export interface LocalStorageOptions<V> extends BpfMapOptions {
  readonly value: ValueCodec<V>
}

/**
 * What a value is kept at: a descriptor of it (a socket; a file; a cgroup directory; a process, by pidfd), a process by its
 * number, or a file or cgroup directory by its path.
 */
export type StorageOwner = Fd | { readonly fd: Fd } | { readonly pid: number } | { readonly path: string }

/** Opening so needs no permission on the file itself, and works for sockets in the file system too. */
const O_PATH = 0o10000000

/**
 * Values that are kept at sockets, inodes, processes or cgroups (BPF_MAP_TYPE_SK_STORAGE, INODE_STORAGE, TASK_STORAGE,
 * CGRP_STORAGE), and go when those go. They cannot be listed.
 */
export class LocalStorage<V = unknown> extends BpfMap {
  readonly kind = 'storage'
  readonly #elements: Elements<number, V>

  constructor(options: LocalStorageOptions<V>) {
    super(options)
    const { context, fd, shape, value } = options
    this.#elements = new Elements({ sys: context.sys, owner: fd, shape, key: s32, value })
  }

  /** The value at `owner`, undefined when there is none. @throws MapError, also if `owner` is gone, ClosedError */
  get(owner: StorageOwner, flags?: number): V | undefined {
    return this.#with(owner, fd => this.#elements.get(fd, flags))
  }

  /** Keeps a value at `owner`. False if it was to be created and exists, or was to be replaced and does not. @throws as `get` */
  set(owner: StorageOwner, value: V, mode: SetMode | number = 'any'): boolean {
    const { flags, expected } = setFlags(mode)
    return this.#with(owner, fd => this.#elements.set(fd, value, flags, expected) === 0)
  }

  /** Removes the value at `owner`; false when there was none. @throws as `get` */
  delete(owner: StorageOwner): boolean {
    return this.#with(owner, fd => this.#elements.delete(fd))
  }

  /** Opens `owner` for the time of the action where it is not a descriptor. */
  #with<T>(owner: StorageOwner, action: (fd: number) => T): T {
    if (typeof owner === 'number') return action(owner)
    if (typeof owner !== 'object' || owner === null) {
      throw new MapError('ERR_BPF_VALUE', this.name, `owner: expected a descriptor, { pid } or { path }, got ${describe(owner)}`)
    }
    if ('fd' in owner) return action(owner.fd)
    using opened = this.#open(owner)
    return action(opened.fd)
  }

  #open(owner: { readonly pid: number } | { readonly path: string }): OwnedFd {
    const { sys } = this.context
    try {
      return 'path' in owner ? openFile(sys, owner.path, O_PATH) : pidfdOpen(sys, owner.pid)
    } catch (cause) {
      if (!isSyscallError(cause)) throw cause
      const name = 'path' in owner ? owner.path : `process ${owner.pid}`
      throw new MapError('ERR_BPF_MAP_OWNER', this.name, `${name} cannot be opened: ${cause.errnoName}`, { cause })
    }
  }
}
