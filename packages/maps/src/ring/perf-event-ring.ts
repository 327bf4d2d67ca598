import {
  duplicateFd,
  Errno,
  type Fd,
  isSyscallError,
  type Mapping,
  mapMemory,
  mapOps,
  type OwnedFd,
  PerfSample,
  PerfSoftware,
  PerfType,
  Prot,
  perfEventEnable,
  perfEventOpen,
  type Sys,
} from '@bpf/sys'
import { ValueRangeError } from '../errors'
import type { PerfRingMemory } from './perf-ring'

/** The ring of one CPU: the perf event that stands for it, and its memory. */
export interface PerfEventRing {
  readonly cpu: number
  readonly fd: Fd
  readonly memory: PerfRingMemory
  close(): void
}

export interface PerfEventRingOptions {
  readonly sys: Sys
  /** Of the BPF_MAP_TYPE_PERF_EVENT_ARRAY map. */
  readonly mapFd: Fd
  readonly cpus: readonly number[]
  /** Size of each ring in pages, a power of two. */
  readonly pages: number
  /** Overwrite the oldest records, written backwards and without wake-ups, instead of dropping the newest. */
  readonly backward: boolean
  /** When to wake the reader: after so many samples, or bytes. */
  readonly wakeup: { readonly samples: number } | { readonly bytes: number }
}

/** Offsets in `struct perf_event_mmap_page`. */
const dataHeadOffset = 1024
const dataTailOffset = 1032

/**
 * Opens a ring for each CPU and puts its event into the map, where programs on that CPU write to it. CPUs that are offline are
 * left out. What was opened is closed again when one fails. @throws SyscallError, ValueRangeError
 */
export function openPerfEventRings(options: PerfEventRingOptions): readonly PerfEventRing[] {
  const { sys, mapFd, cpus, pages } = options
  if (pages < 1 || !Number.isInteger(Math.log2(pages))) throw new ValueRangeError('a number of pages that is a power of two', pages)
  const slots = openSlots(sys, mapFd)
  const rings: PerfEventRing[] = []
  try {
    for (const cpu of cpus) {
      const event = openBpfOutput(options, cpu)
      if (event === undefined) continue
      rings.push(openRing(options, cpu, event, slots))
      slots.set(cpu, event.fd)
      perfEventEnable(sys, event.fd)
    }
    if (rings.length === 0) slots.close()
  } catch (error) {
    for (const ring of rings) ring.close()
    slots.close()
    throw error
  }
  return rings
}

/** Undefined for a CPU that is offline. */
function openBpfOutput({ sys, backward, wakeup }: PerfEventRingOptions, cpu: number): OwnedFd | undefined {
  const byBytes = 'bytes' in wakeup
  try {
    return perfEventOpen(sys, {
      type: PerfType.Software,
      config: PerfSoftware.BpfOutput,
      sampleType: PerfSample.Raw,
      samplePeriod: 1,
      wakeupEvents: byBytes ? wakeup.bytes : wakeup.samples,
      set: [...(byBytes ? (['watermark'] as const) : []), ...(backward ? (['writeBackward'] as const) : [])],
      pid: -1,
      cpu,
    })
  } catch (error) {
    if (isSyscallError(error, Errno.ENODEV)) return undefined
    throw error
  }
}

/** Takes `event` over, also when it fails. */
function openRing({ sys, pages, backward }: PerfEventRingOptions, cpu: number, event: OwnedFd, slots: Slots): PerfEventRing {
  const { pageSize } = sys.native
  let mapping: Mapping
  try {
    // A reader that cannot write has no tail, which is what makes the kernel overwrite.
    const prot = backward ? Prot.Read : Prot.Read | Prot.Write
    mapping = mapMemory(sys, { fd: event.fd, length: (1 + pages) * pageSize, prot })
  } catch (error) {
    event.close()
    throw error
  }
  const data = new Uint8Array(mapping.buffer, pageSize, pages * pageSize)
  return {
    cpu,
    fd: event.fd,
    memory: {
      head: new BigUint64Array(mapping.buffer, dataHeadOffset, 1),
      tail: new BigUint64Array(mapping.buffer, dataTailOffset, 1),
      data,
      view: new DataView(data.buffer, data.byteOffset, data.byteLength),
    },
    close() {
      slots.clear(cpu)
      mapping.close()
      event.close()
    },
  }
}

/** Which perf event a program that runs on a CPU writes to. */
interface Slots {
  /** @throws SyscallError */
  set(cpu: number, event: Fd): void
  /** The last one closes. */
  clear(cpu: number): void
  /** Idempotent. */
  close(): void
}

function openSlots(sys: Sys, mapFd: Fd): Slots {
  // Our own: by the caller's number another map may be known when the slots are cleared.
  const map = duplicateFd(sys, mapFd, 'perf event array')
  const ops = mapOps(sys, map.fd, { keySize: 4, valueSize: 4 })
  const key = new Uint32Array(ops.key.buffer, ops.key.byteOffset, 1)
  const value = new Uint32Array(ops.value.buffer, ops.value.byteOffset, 1)
  const mine = new Set<number>()
  return {
    set(cpu, event) {
      key[0] = cpu
      value[0] = event
      const errno = ops.update()
      if (errno !== 0) throw ops.error('update', errno)
      mine.add(cpu)
    },
    clear(cpu) {
      if (!mine.delete(cpu)) return
      key[0] = cpu
      ops.delete()
      if (mine.size === 0) map.close()
    },
    close: () => map.close(),
  }
}
