import { type OwnedFd, tryOpenById } from '@bpf/sys'
import { type DescriptorMapOptions, DescriptorSlots } from './descriptor-map'
import type { AnyMap } from './kinds'

export interface MapOfMapsOptions<K> extends DescriptorMapOptions<K> {
  /** Makes a handle of the descriptor of an inner map, which it then owns. */
  readonly openInner: (fd: OwnedFd) => AnyMap
}

/** BPF_MAP_TYPE_ARRAY_OF_MAPS and BPF_MAP_TYPE_HASH_OF_MAPS: `set` takes a handle of the inner map. */
export class MapOfMaps<K = unknown> extends DescriptorSlots<K> {
  readonly kind = 'mapOfMaps'
  readonly #openInner: (fd: OwnedFd) => AnyMap

  constructor(options: MapOfMapsOptions<K>) {
    super(options)
    this.#openInner = options.openInner
  }

  /** The inner map at `key`, for the caller to close; undefined when there is none. @throws MapError, SyscallError, ClosedError */
  get(key: K): AnyMap | undefined {
    const id = this.id(key)
    const fd = id === undefined ? undefined : tryOpenById(this.context.sys, 'map', Number(id))
    return fd && this.#openInner(fd)
  }
}
