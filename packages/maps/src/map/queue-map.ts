import { ElemFlag, Errno, type MapOperation } from '@bpf/sys'
import type { ValueCodec } from '../codec/codec'
import { bytes } from '../codec/declare'
import { BpfMap, type BpfMapOptions } from './bpf-map'
import { Elements } from './elements'

export interface ValuesOnlyOptions<V> extends BpfMapOptions {
  readonly value: ValueCodec<V>
}

const noKey = /* @__PURE__ */ bytes(0)

/** BPF_MAP_TYPE_QUEUE, first in first out, and BPF_MAP_TYPE_STACK, last in first out. */
export class QueueMap<V = unknown> extends BpfMap {
  readonly kind = 'queue'
  readonly #elements: Elements<Uint8Array, V>

  constructor(options: ValuesOnlyOptions<V>) {
    super(options)
    const { context, fd, shape, value } = options
    this.#elements = new Elements({ sys: context.sys, owner: fd, shape, key: noKey, value })
  }

  /** Adds a value. When it is full: false, or with `evict` the oldest value makes room. @throws MapError, ClosedError */
  push(value: V, { evict = false }: { readonly evict?: boolean } = {}): boolean {
    this.#elements.putValue(value)
    const errno = this.#elements.raw.update(evict ? ElemFlag.Exist : ElemFlag.Any)
    if (errno === Errno.E2BIG) return false
    if (errno !== 0) throw this.#elements.failure('update', errno)
    return true
  }

  /** Takes the next value out; undefined when there is none. @throws MapError, ClosedError */
  pop(): V | undefined {
    return this.#read('lookupAndDelete', this.#elements.raw.lookupAndDelete())
  }

  /** The next value, left where it is; undefined when there is none. @throws MapError, ClosedError */
  peek(): V | undefined {
    return this.#read('lookup', this.#elements.raw.lookup())
  }

  /** Takes all values out, until there is none. @throws MapError, ClosedError */
  *drain(): Generator<V> {
    for (let errno = this.#elements.raw.lookupAndDelete(); this.#elements.found('lookupAndDelete', errno); ) {
      yield this.#elements.readValue()
      errno = this.#elements.raw.lookupAndDelete()
    }
  }

  #read(operation: MapOperation, errno: number): V | undefined {
    return this.#elements.found(operation, errno) ? this.#elements.readValue() : undefined
  }
}
