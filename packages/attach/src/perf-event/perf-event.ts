import {
  Errno,
  isSyscallError,
  type OwnedFd,
  type PerfEventOptions,
  type PerfFlag,
  PerfSoftware,
  PerfType,
  perfEventOpen,
  type Sys,
  type SyscallError,
} from '@bpf/sys'
import { openCgroup } from '../cgroup/cgroup-path'
import type { AttachContext } from '../context'
import { AttachError } from '../errors'
import type { AttachableProgram, Link, LinkInterface, LinkLabel } from '../link/link'
import { linkGroup } from '../link/link-group'
import { perfWays } from '../link/perf-link'
import { attachFirst } from '../ways'
import { type PerfEvent, parsePerfEvent } from './event-names'
import { explain, isCounted, unknownEvent } from './refusals'

export interface PerfEventTarget {
  /** A name of perf(1): `cpu-clock`, `cycles`, `page-faults`, `LLC-load-misses`, `mem:0x7ffd1000/4:w`; or the numbers themselves. */
  readonly event: string | PerfEvent
  /** Calls a second; 99 for clocks and hardware events unless a period is given. */
  readonly frequency?: number
  /** Call every so many events; nanoseconds for clocks. 1 for other events unless a frequency is given. */
  readonly period?: number | bigint
  /** Only this process: the threads that it has now, and those that it starts later (5.13). 0 for this one. */
  readonly pid?: number
  /** Only this thread; 0 for this one. */
  readonly tid?: number
  /** Only this CPU; all that are online now, unless a process or thread is given. */
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
  const threads = cgroup === undefined ? threadsOf(context, target) : [cgroup.fd]
  const options = { ...event, ...pace(event, target), cgroup: cgroup !== undefined, set: flags(event, target) }
  const refusal = (error: SyscallError) => explain(context.kernel, error, event, program)
  const attach = (pid: number, cpu: number): Link => {
    const openEvent = () => openWithThreads(sys, { ...options, pid, cpu }, target)
    const ways = perfWays(sys, { label, program, cookie: target.cookie, openEvent })
    return attachFirst(label, ways, { interfaces: target.interfaces, explain: refusal })
  }
  const places = threads.flatMap(thread => cpusOf(context, target).map(cpu => ({ thread, cpu })))
  return linkGroup(label, places, ({ thread, cpu }) => (threads.length > 1 ? unlessGone(() => attach(thread, cpu)) : attach(thread, cpu)))
}

function cpusOf({ kernel }: AttachContext, { cpu, pid, tid }: PerfEventTarget): readonly number[] {
  return cpu === undefined && pid === undefined && tid === undefined ? kernel.onlineCpus() : [cpu ?? -1]
}

/** -1 for all: an event is of one thread, or of whatever runs. */
function threadsOf({ kernel: { files } }: AttachContext, { pid, tid }: PerfEventTarget): readonly number[] {
  if (tid !== undefined || pid === undefined) return [tid ?? -1]
  const threads = files.list(`/proc/${pid === 0 ? process.pid : pid}/task`).map(Number)
  // The kernel says that there is no such process.
  return threads.length === 0 ? [pid] : threads
}

/** A process's threads start others. Kernels before 5.13 cannot tell those from child processes, and leave them out. */
function openWithThreads(sys: Sys, options: PerfEventOptions, { pid }: PerfEventTarget): OwnedFd {
  if (pid === undefined) return perfEventOpen(sys, options)
  try {
    return perfEventOpen(sys, { ...options, set: [...(options.set ?? []), 'inherit', 'inheritThread'] })
  } catch (error) {
    if (isSyscallError(error, Errno.EINVAL)) return perfEventOpen(sys, options)
    throw error
  }
}

/** A thread of several may end meanwhile. */
function unlessGone(attach: () => Link): Link | undefined {
  try {
    return attach()
  } catch (error) {
    if (error instanceof AttachError && isSyscallError(error.cause, Errno.ESRCH)) return undefined
    throw error
  }
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
  return isClock || isCounted({ type })
}

function describe({ event, pid, tid, cpu, cgroup }: PerfEventTarget): string {
  const name = typeof event === 'string' ? event : `type ${event.type} config ${event.config}`
  const where = [
    pid === undefined ? '' : ` of process ${pid}`,
    tid === undefined ? '' : ` of thread ${tid}`,
    cpu === undefined ? '' : ` on CPU ${cpu}`,
    cgroup === undefined ? '' : ` in cgroup ${cgroup}`,
  ]
  return `perf event ${name}${where.join('')}`
}
