import type { Fd } from '@bpf/sys'
import { type ValueCodec, viewOf } from '../codec/codec'
import { rawCodec } from '../codec/raw'
import { describe, MapError } from '../errors'
import { BpfMap, type BpfMapOptions } from './bpf-map'
import { walkKeys } from './chunks'
import { Elements } from './elements'
import { type SetMode, setFlags } from './set-mode'

/** Something with a descriptor, or a descriptor itself. It stays the caller's; the map holds what it stands for. */
export type DescriptorSource = Fd | { readonly fd: Fd }

export interface DescriptorMapOptions<K> extends BpfMapOptions {
  readonly key: ValueCodec<K>
}

/** @throws MapError for what is no descriptor and has none */
function descriptorOf(map: string, source: DescriptorSource | undefined): number {
  const fd = typeof source === 'object' ? source?.fd : source
  if (typeof fd === 'number') return fd
  throw new MapError('ERR_BPF_VALUE', map, `value: expected a descriptor, or something that has one, got ${describe(source)}`)
}

/**
 * A map into which descriptors are put. What comes back is not a descriptor but, where the kernel tells, a number for what it
 * stands for: the id of a program or map, the cookie of a socket (in maps with values of 8 bytes).
 */
export abstract class DescriptorSlots<K = unknown> extends BpfMap {
  protected readonly elements: Elements<K, Uint8Array>

  constructor(options: DescriptorMapOptions<K>) {
    super(options)
    const { context, fd, shape, key } = options
    this.elements = new Elements({ sys: context.sys, owner: fd, shape, key, value: rawCodec(shape.valueSize) })
  }

  /** Puts something at `key`. False if it was to be created and exists, or was to be replaced and does not. @throws MapError, ClosedError */
  set(key: K, source: DescriptorSource, mode: SetMode | number = 'any'): boolean {
    const value = new Uint8Array(this.shape.valueSize)
    viewOf(value).setUint32(0, descriptorOf(this.name, source), true)
    const { flags, expected } = setFlags(mode)
    return this.elements.set(key, value, flags, expected) === 0
  }

  /** Takes away what is at `key`; false when there is nothing. @throws MapError, ClosedError */
  delete(key: K): boolean {
    return this.elements.delete(key)
  }

  /**
   * Id of the program or map at `key`, or cookie of the socket; undefined when there is nothing. @throws MapError where the
   * kernel does not tell: cgroups, perf events, AF_XDP sockets, sockets in maps with values of 4 bytes
   */
  id(key: K): bigint | number | undefined {
    const value = this.elements.get(key)
    if (value === undefined) return undefined
    return value.byteLength === 8 ? viewOf(value).getBigUint64(0, true) : viewOf(value).getUint32(0, true)
  }

  has(key: K): boolean {
    return this.elements.has(key)
  }

  /** The keys: of arrays all indexes, also the empty ones. @throws MapError, ClosedError */
  *keys(): Generator<K> {
    const { key } = this.elements
    for (const keys of walkKeys({ sys: this.context.sys, owner: this.owner, shape: this.shape }, 64)) {
      const view = viewOf(keys)
      for (let at = 0; at < keys.byteLength; at += key.size) yield key.decode(view, at)
    }
  }

  /** What is there, with ids as `id` tells them. @throws MapError, ClosedError */
  *entries(): Generator<[K, bigint | number]> {
    for (const key of this.keys()) {
      const id = this.id(key)
      if (id !== undefined) yield [key, id]
    }
  }

  [Symbol.iterator](): Generator<[K, bigint | number]> {
    return this.entries()
  }
}

/** Programs to tail-call, sockets, cgroups, AF_XDP sockets. */
export class DescriptorMap<K = unknown> extends DescriptorSlots<K> {
  readonly kind = 'descriptors'
}
