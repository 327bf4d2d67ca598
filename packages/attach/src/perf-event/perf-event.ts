import { nearNames } from '@bpf/bytes'
import { Errno, type OwnedFd, type PerfFlag, PerfSoftware, PerfType, perfEventOpen, type SyscallError } from '@bpf/sys'
import { openCgroup } from '../cgroup-path'
import type { AttachContext } from '../context'
import { AttachError } from '../errors'
import type { AttachableProgram, Link, LinkInterface, LinkLabel } from '../link'
import { linkGroup } from '../link-group'
import { perfWays } from '../perf-link'
import { attachFirst, type Explanation } from '../ways'
import { type PerfEvent, parsePerfEvent, perfEventNames } from './event-names'

export interface PerfEventTarget {
  /** A name of perf(1): `cpu-clock`, `cycles`, `page-faults`, `LLC-load-misses`, `mem:0x7ffd1000/4:w`; or the numbers themselves. */
  readonly event: string | PerfEvent
  /** Calls a second; 99 for clocks and hardware events unless a period is given. */
  readonly frequency?: number
  /** Call every so many events; nanoseconds for clocks. 1 for other events unless a frequency is given. */
  readonly period?: number | bigint
  /** Only this process, wherever it runs; 0 for this one. */
  readonly pid?: number
  /** Only this CPU; all that are online now, unless a process is given. */
  readonly cpu?: number
  /** Only processes of this cgroup. */
  readonly cgroup?: string
  /** Not what happens in user space, or in the kernel. */
  readonly exclude?: 'user' | 'kernel'
  /** Readable in the program through bpf_get_attach_cookie() (5.15). */
  readonly cookie?: bigint
  readonly interfaces?: readonly LinkInterface[]
}

/** Prime, so as not to beat with anything. */
const usualFrequency = 99

/** Calls a program on overflows of a perf event: clocks, hardware and software counters, breakpoints (4.9). @throws AttachError */
export function attachPerfEvent(context: AttachContext, program: AttachableProgram, target: PerfEventTarget): Link {
  const { sys } = context
  const label: LinkLabel = { kind: 'perf_event', program: program.name, target: describe(target) }
  const event = typeof target.event === 'string' ? parsePerfEvent(target.event) : target.event
  if (event === undefined) throw unknownEvent(label, String(target.event))
  using cgroup = target.cgroup === undefined ? undefined : openCgroup(context, target.cgroup, label)
  const cpus = target.cpu === undefined && target.pid === undefined ? context.kernel.onlineCpus() : [target.cpu ?? -1]
  const scope = cgroup === undefined ? { pid: target.pid ?? -1 } : { pid: cgroup.fd, cgroup: true }
  const options = { ...event, ...pace(event, target), ...scope, set: flags(event, target) }
  return linkGroup(label, cpus, cpu => {
    const openEvent = (): OwnedFd => perfEventOpen(sys, { ...options, cpu })
    const ways = perfWays(sys, { label, program, cookie: target.cookie, openEvent })
    return attachFirst(label, ways, { interfaces: target.interfaces, explain: error => explain(context, error, event) })
  })
}

function pace(event: PerfEvent, { frequency, period }: PerfEventTarget): { readonly samplePeriod: number | bigint } {
  if (frequency !== undefined || period !== undefined) return { samplePeriod: frequency ?? period ?? 1 }
  return { samplePeriod: isPaced(event) ? usualFrequency : 1 }
}

function flags(event: PerfEvent, { frequency, period, exclude }: PerfEventTarget): readonly PerfFlag[] {
  const byFrequency = frequency !== undefined || (period === undefined && isPaced(event))
  const excluded: readonly PerfFlag[] = exclude === undefined ? [] : [exclude === 'user' ? 'excludeUser' : 'excludeKernel']
  return ['disabled', ...(byFrequency ? (['freq'] as const) : []), ...excluded]
}

/** Events that happen all the time, of which a program wants to see some. */
function isPaced({ type, config }: PerfEvent): boolean {
  const isClock = type === PerfType.Software && (config === PerfSoftware.CpuClock || config === PerfSoftware.TaskClock)
  return isClock || type === PerfType.Hardware || type === PerfType.HwCache || type === PerfType.Raw
}

function describe({ event, pid, cpu, cgroup }: PerfEventTarget): string {
  const name = typeof event === 'string' ? event : `type ${event.type} config ${event.config}`
  const where = [
    pid === undefined ? '' : ` of process ${pid}`,
    cpu === undefined ? '' : ` on CPU ${cpu}`,
    cgroup === undefined ? '' : ` in cgroup ${cgroup}`,
  ]
  return `perf event ${name}${where.join('')}`
}

function unknownEvent({ program, target }: LinkLabel, event: string): AttachError {
  const near = nearNames(event, perfEventNames)
  const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'perf list shows the names of events'
  return new AttachError({ program, target, problem: 'there is no event of that name', hint })
}

function explain({ kernel }: AttachContext, { errno, syscall }: SyscallError, { type }: PerfEvent): Explanation | undefined {
  if (syscall !== 'perf_event_open') return undefined
  const fastest = kernel.files.text('/proc/sys/kernel/perf_event_max_sample_rate')?.trim()
  const counted = type === PerfType.Hardware || type === PerfType.HwCache || type === PerfType.Raw
  const known: Readonly<Record<number, Explanation>> = {
    [Errno.ENOENT]: {
      problem: 'this machine has no such event',
      hint: counted ? 'virtual machines often have no hardware counters: use cpu-clock' : undefined,
    },
    [Errno.EOPNOTSUPP]: { problem: 'this machine cannot sample that event', hint: counted ? 'use cpu-clock' : undefined },
    [Errno.EINVAL]: { hint: `the kernel allows ${fastest ?? 'a limited number of'} calls a second (perf_event_max_sample_rate)` },
    [Errno.ESRCH]: { problem: 'there is no such process' },
    [Errno.ENODEV]: { problem: 'that CPU is not online' },
    [Errno.ENOSPC]: { problem: 'all breakpoints of the processor are in use' },
  }
  return known[errno]
}
