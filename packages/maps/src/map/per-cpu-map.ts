import { ElemFlag, Errno } from '@bpf/sys'
import { type ValueCodec, viewOf } from '../codec/codec'
import { perCpuCodec } from '../codec/per-cpu'
import { MapError, ValueRangeError } from '../errors'
import type { BpfMapOptions } from './bpf-map'
import { encodeElement } from './encode-element'
import { MapHandle } from './map-handle'

export interface PerCpuMapOptions<K, V> extends BpfMapOptions {
  readonly key: ValueCodec<K>
  /** Of one value. */
  readonly value: ValueCodec<V>
}

/** Keys, and for each one value a possible CPU: `get` and `set` take them as an array, in the order of `kernel.possibleCpuList()`. */
export class PerCpuMap<K = unknown, V = unknown> extends MapHandle<K, V[]> {
  override readonly kind = 'perCpu'
  readonly #value: ValueCodec<V>
  /** There may be holes in their numbers. */
  readonly #cpus: readonly number[]
  /** BPF_F_CPU and BPF_F_ALL_CPUS (6.19): unknown until tried. */
  #hasCpuFlags: boolean | undefined

  constructor(options: PerCpuMapOptions<K, V>) {
    const cpus = options.context.kernel.possibleCpuList()
    super({ ...options, value: perCpuCodec(options.value, cpus.length) })
    this.#value = options.value
    this.#cpus = cpus
  }

  /** The value of one CPU: alone where the kernel can (6.19), else out of all. @throws MapError, ClosedError */
  getOn(cpu: number, key: K): V | undefined {
    const place = this.#placeOf(cpu)
    if (this.#hasCpuFlags !== false) {
      const { elements } = this
      elements.putKey(key)
      const errno = elements.raw.lookup(onCpu(cpu))
      if (this.#learn(errno)) return elements.found('lookup', errno) ? this.#value.decode(viewOf(elements.raw.value), 0) : undefined
    }
    return this.get(key)?.[place]
  }

  /**
   * Writes the value of one CPU and leaves the others (6.19). @throws MapError, also where the kernel cannot: writing back the
   * others would undo what programs do to them meanwhile
   */
  setOn(cpu: number, key: K, value: V): void {
    this.#placeOf(cpu)
    const errno = this.#hasCpuFlags === false ? Errno.EINVAL : this.#update(key, value, onCpu(cpu))
    if (this.#learn(errno)) {
      if (errno !== 0) throw this.elements.failure('update', errno)
      return
    }
    throw new MapError('ERR_BPF_UNSUPPORTED', this.name, 'the kernel cannot write the value of one CPU alone', {
      hint: 'Linux 6.19 can; before, `get` all values, change one and `set` all, which undoes what programs write meanwhile',
    })
  }

  /** Writes the same value for every CPU. @throws MapError, ClosedError */
  setAll(key: K, value: V): void {
    if (this.#hasCpuFlags !== false) {
      const errno = this.#update(key, value, ElemFlag.AllCpus)
      if (this.#learn(errno)) {
        if (errno !== 0) throw this.elements.failure('update', errno)
        return
      }
    }
    this.set(key, new Array<V>(this.#cpus.length).fill(value))
  }

  #update(key: K, value: V, flags: number): number {
    const { elements } = this
    elements.putKey(key)
    encodeElement(this.name, 'value', this.#value, value, viewOf(elements.raw.value))
    return elements.raw.update(flags)
  }

  /** Whether `errno` is an answer; older kernels refuse flags that they do not know. */
  #learn(errno: number): boolean {
    this.#hasCpuFlags ??= errno !== Errno.EINVAL
    return this.#hasCpuFlags
  }

  /** Where a CPU's value is among those of all. @throws ValueRangeError */
  #placeOf(cpu: number): number {
    const place = this.#cpus.indexOf(cpu)
    if (place === -1) throw new ValueRangeError(`a CPU that there can be (${this.#cpus.join(', ')})`, cpu)
    return place
  }
}

/** The CPU travels in the upper half of the flags. */
function onCpu(cpu: number): number {
  return cpu * 2 ** 32 + ElemFlag.Cpu
}
