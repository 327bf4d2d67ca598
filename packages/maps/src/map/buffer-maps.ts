import { MapFlag } from '@bpf/sys'
import { OverwritablePerfBuffer, type OverwritablePerfBufferOptions } from '../ring/overwritable-perf-buffer'
import { PerfBuffer, type PerfBufferOptions } from '../ring/perf-buffer'
import { RingBuffer, type RingBufferOptions } from '../ring/ring-buffer'
import { UserRingBuffer, type UserRingBufferOptions } from '../ring/user-ring-buffer'
import { BpfMap } from './bpf-map'
import { DescriptorSlots } from './descriptor-map'

/** What the map knows by itself. */
type Known = 'sys' | 'mapFd' | 'size' | 'overwrite' | 'name'

/** BPF_MAP_TYPE_RINGBUF. The reader may outlive the handle. */
export class RingbufMap extends BpfMap {
  readonly kind = 'ringbuf'

  /** The reading end. @throws SyscallError, ClosedError */
  open<T = Uint8Array>(options: Omit<RingBufferOptions<T>, Known> = {}): RingBuffer<T> {
    const { maxEntries: size, flags } = this.shape
    const overwrite = (flags & MapFlag.RbOverwrite) !== 0
    return new RingBuffer<T>({ ...options, sys: this.context.sys, mapFd: this.fd, size, overwrite, name: this.name })
  }
}

/** BPF_MAP_TYPE_USER_RINGBUF (6.1). The writer may outlive the handle. */
export class UserRingbufMap extends BpfMap {
  readonly kind = 'userRingbuf'

  /** The writing end. @throws SyscallError, ClosedError */
  open<T = Uint8Array>(options: Omit<UserRingBufferOptions<T>, Known> = {}): UserRingBuffer<T> {
    return new UserRingBuffer<T>({ ...options, sys: this.context.sys, mapFd: this.fd, size: this.shape.maxEntries, name: this.name })
  }
}

type PerfKnown = Known | 'cpus'
/** The CPUs to read from; all that are online unless given. */
interface Cpus {
  readonly cpus?: readonly number[] | undefined
}

/** BPF_MAP_TYPE_PERF_EVENT_ARRAY: perf events, to count with or to write samples to. The reader may outlive the handle. */
export class PerfEventArrayMap extends DescriptorSlots<number> {
  readonly kind = 'perfEventArray'

  /** The reading end of samples: puts an event for each CPU into the map. @throws SyscallError, ClosedError */
  open<T = Uint8Array>({ cpus, ...options }: Omit<PerfBufferOptions<T>, PerfKnown> & Cpus = {}): PerfBuffer<T> {
    const { sys, kernel } = this.context
    return new PerfBuffer<T>({ ...options, sys, mapFd: this.fd, cpus: cpus ?? kernel.onlineCpus(), name: this.name })
  }

  /** The same, but it remembers the latest samples instead of waiting for a reader. @throws SyscallError, ClosedError */
  openOverwritable<T = Uint8Array>(options: Omit<OverwritablePerfBufferOptions<T>, PerfKnown> & Cpus = {}): OverwritablePerfBuffer<T> {
    const { sys, kernel } = this.context
    return new OverwritablePerfBuffer<T>({ ...options, sys, mapFd: this.fd, cpus: options.cpus ?? kernel.onlineCpus() })
  }
}
