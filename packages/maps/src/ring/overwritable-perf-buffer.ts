import { perfEventPauseOutput, type Sys } from '@bpf/sys'
import { copyRecord, type RecordDecoder } from './decode'
import type { PerfBufferOptions } from './perf-buffer'
import { openPerfEventRings, type PerfEventRing } from './perf-event-ring'
import { createScratch, readBackwardRing } from './perf-ring'

export type OverwritablePerfBufferOptions<T> = Omit<PerfBufferOptions<T>, 'wakeup' | 'name'>

export interface PerfSample<T> {
  readonly cpu: number
  readonly value: T
}

const defaultPages = 64

/**
 * A perf buffer that remembers the latest samples, as many as fit, and wakes nobody: the kernel overwrites the oldest. Look at
 * it with `snapshot` when something has happened.
 */
export class OverwritablePerfBuffer<T = Uint8Array> implements Disposable {
  readonly #sys: Sys
  readonly #decode: RecordDecoder<T>
  readonly #scratch = createScratch()
  #rings: readonly PerfEventRing[]

  /** @throws SyscallError if an event cannot be opened, mapped, or put into the map */
  constructor({ sys, mapFd, cpus, pages = defaultPages, decode }: OverwritablePerfBufferOptions<T>) {
    this.#sys = sys
    this.#decode = decode ?? (copyRecord as RecordDecoder<T>)
    this.#rings = openPerfEventRings({ sys, mapFd, cpus, pages, wakeup: { samples: 1 }, backward: true })
  }

  /** CPUs that have a ring. */
  get cpus(): readonly number[] {
    return this.#rings.map(ring => ring.cpu)
  }

  /**
   * The samples that are there, CPU by CPU, each from the oldest to the newest. They stay: the next snapshot has them again
   * unless they were overwritten. What programs write during the call, some microseconds for each CPU, is dropped.
   *
   * @throws SyscallError, or what the decoder throws
   */
  snapshot(): PerfSample<T>[] {
    return this.#rings.flatMap(ring => this.#read(ring))
  }

  /** Takes the rings out of the map and unmaps them. Idempotent. */
  close(): void {
    for (const ring of this.#rings) ring.close()
    this.#rings = []
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #read({ cpu, fd, memory }: PerfEventRing): PerfSample<T>[] {
    const samples: PerfSample<T>[] = []
    perfEventPauseOutput(this.#sys, fd, true)
    try {
      const onSample = (data: DataView, offset: number, length: number) => samples.push({ cpu, value: this.#decode(data, offset, length) })
      readBackwardRing(memory, { onSample, onLost: () => {} }, this.#scratch)
    } finally {
      perfEventPauseOutput(this.#sys, fd, false)
    }
    return samples
  }
}
