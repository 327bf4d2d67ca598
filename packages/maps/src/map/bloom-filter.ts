import { bytes } from '../codec/declare'
import { BpfMap } from './bpf-map'
import { Elements } from './elements'
import type { ValuesOnlyOptions } from './queue-map'

const noKey = /* @__PURE__ */ bytes(0)

/** BPF_MAP_TYPE_BLOOM_FILTER (5.16): a set that may say yes to what was never added, and never no to what was. */
export class BloomFilter<V = unknown> extends BpfMap {
  readonly kind = 'bloom'
  readonly #elements: Elements<Uint8Array, V>

  constructor(options: ValuesOnlyOptions<V>) {
    super(options)
    const { context, fd, shape, value } = options
    this.#elements = new Elements({ sys: context.sys, owner: fd, shape, key: noKey, value })
  }

  /** @throws MapError, ClosedError */
  add(value: V): void {
    this.#elements.putValue(value)
    const errno = this.#elements.raw.update()
    if (errno !== 0) throw this.#elements.failure('update', errno)
  }

  /** False: it was never added. True: it probably was. @throws MapError, ClosedError */
  has(value: V): boolean {
    this.#elements.putValue(value)
    return this.#elements.found('lookup', this.#elements.raw.lookup())
  }
}
