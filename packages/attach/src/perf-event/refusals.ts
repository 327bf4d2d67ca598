import { nearNames } from '@bpf/bytes'
import type { Kernel } from '@bpf/kernel'
import { Errno, PerfType, ProgType, type SyscallError } from '@bpf/sys'
import { AttachError } from '../errors'
import type { AttachableProgram, LinkLabel } from '../link/link'
import type { Explanation } from '../ways'
import { wrongType } from '../wrong-type'
import { type PerfEvent, perfEventNames } from './event-names'

export function unknownEvent({ program, target }: LinkLabel, event: string): AttachError {
  const near = nearNames(event, perfEventNames)
  const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'perf list shows the names of events'
  return new AttachError({ program, target, problem: 'there is no event of that name', hint })
}

/** Whether counters of the processor count it. */
export function isCounted({ type }: Pick<PerfEvent, 'type'>): boolean {
  return type === PerfType.Hardware || type === PerfType.HwCache || type === PerfType.Raw
}

/** Whether the kernel drives counters of the processor: virtual machines often have none. */
export function hasCounters({ files }: Kernel): boolean {
  return files.list('/sys/bus/event_source/devices').some(name => /^(?:cpu|cpu_\w+|armv\d\S*|apple_\S+)$/.test(name))
}

/** What a refusal means for an event: of the event itself, or of the program that is to be called. */
export function explain(kernel: Kernel, error: SyscallError, event: PerfEvent, program: AttachableProgram): Explanation | undefined {
  const { errno, syscall } = error
  const isTracepoint = event.type === PerfType.Tracepoint
  if (syscall !== 'perf_event_open')
    return isTracepoint
      ? { hint: 'tracepoints call programs of sections tracepoint/…, for all that passes them: attachTracepoint' }
      : wrongType(error, program, ProgType.PerfEvent)
  const fastest = kernel.files.text('/proc/sys/kernel/perf_event_max_sample_rate')?.trim()
  const instead = isCounted(event) ? 'the event cpu-clock samples by a timer instead' : undefined
  const known: Readonly<Record<number, Explanation>> = {
    [Errno.ENOENT]:
      isCounted(event) && !hasCounters(kernel)
        ? { problem: 'this machine has no hardware counters, like most virtual machines', hint: instead }
        : { problem: 'this machine has no such event', hint: instead },
    [Errno.EOPNOTSUPP]: { problem: 'this machine cannot sample that event', hint: instead },
    [Errno.EINVAL]: { hint: `the kernel allows ${fastest ?? 'a limited number of'} calls a second (perf_event_max_sample_rate)` },
    [Errno.ESRCH]: { problem: 'there is no such process or thread' },
    [Errno.ENODEV]: { problem: 'that CPU is not online' },
    [Errno.ENOSPC]: { problem: 'all breakpoints of the processor are in use' },
  }
  return known[errno]
}
