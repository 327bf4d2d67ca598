import { Errno } from '@bpf/sys'
import type { ValueCodec } from '../codec/codec'
import { u32 } from '../codec/scalars'
import { BpfMap, type BpfMapOptions } from './bpf-map'
import { Elements } from './elements'

export interface StructOpsMapOptions extends BpfMapOptions {
  /** Of the kernel's value type, `struct bpf_struct_ops_NAME`; bytes if its type is not known. */
  readonly value: ValueCodec<unknown>
}

/** Where a struct_ops map is in its life. */
export type StructOpsState = 'init' | 'inUse' | 'toBeFreed' | 'ready'
/** `enum bpf_struct_ops_state`, in order. */
const states: readonly StructOpsState[] = ['init', 'inUse', 'toBeFreed', 'ready']

/** A value begins with `struct bpf_struct_ops_common_value { refcount_t refcnt; enum bpf_struct_ops_state state; }`. */
const commonValue = { references: 0, state: 4 } as const

const firstKey = 0

/** BPF_MAP_TYPE_STRUCT_OPS: the functions of a kernel interface, written in BPF. Registering it is done by a link. */
export class StructOpsMap extends BpfMap {
  readonly kind = 'structOps'
  readonly #elements: Elements<number, unknown>

  constructor(options: StructOpsMapOptions) {
    super(options)
    const { context, fd, shape, value } = options
    this.#elements = new Elements({ sys: context.sys, owner: fd, shape, key: u32, value })
  }

  /**
   * The value as the kernel shows it, decoded by the kernel's type: functions as ids of programs. Undefined before it was
   * given functions. @throws MapError, ClosedError
   */
  value(): unknown {
    return this.#elements.get(firstKey)
  }

  /** Whether it has its functions (`ready`: a link may register it), or is registered without a link (`inUse`). */
  state(): StructOpsState {
    return states[this.#word(commonValue.state)] ?? 'init'
  }

  /** Who holds it, as the kernel counts. */
  references(): number {
    return this.#word(commonValue.references)
  }

  #word(offset: number): number {
    const { raw } = this.#elements
    this.#elements.putKey(firstKey)
    const errno = raw.lookup()
    if (errno === Errno.ENOENT) return 0
    if (errno !== 0) throw this.#elements.failure('lookup', errno)
    return u32.decode(new DataView(raw.value.buffer, raw.value.byteOffset), offset)
  }
}
