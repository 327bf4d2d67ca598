import { join } from 'node:path'
import { nearNames } from '@bpf/bytes'
import { Errno, isSyscallError, PerfType, ProgType, perfEventOpen, perfEventQueryBpf, type SyscallError } from '@bpf/sys'
import type { AttachContext } from '../context'
import { AttachError } from '../errors'
import type { AttachableProgram, Link, LinkInterface, LinkLabel } from '../link/link'
import { perfWays } from '../link/perf-link'
import { type Attached, programName } from '../query/hook'
import { attachFirst, type Explanation } from '../ways'
import { wrongType } from '../wrong-type'

export interface TracepointTarget {
  /** `sched` */
  readonly category: string
  /** `sched_process_exec` */
  readonly name: string
  /** Readable in the program through bpf_get_attach_cookie() (5.15). */
  readonly cookie?: bigint
  readonly interfaces?: readonly LinkInterface[]
}

/** `sched/sched_process_exec` or `sched:sched_process_exec`; undefined when it is neither. */
export function parseTracepointTarget(text: string): TracepointTarget | undefined {
  const [category, name, ...rest] = text.split(/[/:]/)
  return category && name && rest.length === 0 ? { category, name } : undefined
}

/**
 * Attaches to a tracepoint of tracefs, for all processes and CPUs.
 *
 * @throws AttachError with near names when the tracepoint does not exist.
 */
export function attachTracepoint(context: AttachContext, program: AttachableProgram, target: TracepointTarget): Link {
  const { sys } = context
  const label = { kind: 'tracepoint', program: program.name, target: `${target.category}:${target.name}` }
  const config = tracepointId(context, label, target)
  // One event sees all CPUs: for tracepoints the CPU only says where the event is counted.
  const openEvent = () => perfEventOpen(sys, { type: PerfType.Tracepoint, config, samplePeriod: 1, wakeupEvents: 1, pid: -1, cpu: 0 })
  const ways = perfWays(sys, { label, program, cookie: target.cookie, openEvent })
  const explainHere = (error: SyscallError) => wrongType(error, program, ProgType.Tracepoint) ?? explain(error)
  return attachFirst({ ...label, target: `tracepoint ${label.target}` }, ways, { ...target, explain: explainHere })
}

/** The programs on a tracepoint, in the order they run, whoever attached them and how (4.16). @throws AttachError, SyscallError */
export function queryTracepoint(
  context: AttachContext,
  { category, name }: Pick<TracepointTarget, 'category' | 'name'>,
): readonly Attached[] {
  const { sys } = context
  const config = tracepointId(context, { kind: 'tracepoint', program: '', target: name }, { category, name })
  using event = perfEventOpen(sys, { type: PerfType.Tracepoint, config, set: ['disabled'], pid: -1, cpu: 0 })
  return perfEventQueryBpf(sys, event.fd).map(programId => ({
    programId,
    programName: programName(sys, programId),
    linkId: undefined,
    flags: 0,
  }))
}

/** Of the program; what perf_event_open refuses is a matter of rights. */
function explain({ errno, syscall }: SyscallError): Explanation | undefined {
  if (syscall === 'perf_event_open') return undefined
  const known: Readonly<Record<number, Explanation>> = {
    [Errno.EACCES]: {
      problem: 'the program reads beyond the end of its record',
      hint: "its context is of another struct than this tracepoint's, whose fields are in events/CATEGORY/NAME/format of tracefs",
    },
    [Errno.EEXIST]: { problem: 'it is attached there already' },
  }
  return known[errno]
}

/** The number that perf_event_open takes, from `events/CATEGORY/NAME/id`. @throws AttachError */
function tracepointId(context: AttachContext, label: LinkLabel, { category, name }: TracepointTarget): number {
  const target = `tracepoint ${category}:${name}`
  const events = join(tracefsOf(context, { ...label, target }), 'events')
  const id = context.kernel.files.text(join(events, category, name, 'id'))
  if (id !== undefined) return Number(id)
  if (context.kernel.files.list(events).length === 0) {
    throw new AttachError({ ...label, target, problem: `${events} cannot be read`, hint: tracefsIsOfRoot })
  }
  const problem = 'there is no such tracepoint on this kernel'
  throw new AttachError({ ...label, target, problem, hint: nearTracepoints(context, events, category, name) })
}

const tracefsIsOfRoot =
  'tracefs belongs to root: give it to a group (mount -o remount,gid=…,mode=750), grant CAP_DAC_READ_SEARCH, or attach to a raw tracepoint'

/** Where tracefs is; mounts it if it is not. @throws AttachError */
function tracefsOf(context: AttachContext, { program, target }: LinkLabel): string {
  try {
    return context.kernel.ensureTracefs()
  } catch (cause) {
    if (!isSyscallError(cause)) throw cause
    throw new AttachError({ program, target, problem: `tracefs is not mounted and cannot be: ${cause.errnoName}`, cause })
  }
}

function nearTracepoints({ kernel: { files } }: AttachContext, events: string, category: string, name: string): string | undefined {
  const here = files.list(join(events, category)).map(other => `${category}/${other}`)
  const near = nearNames(`${category}/${name}`, here)
  if (near.length > 0) return `did you mean ${near.join(' or ')}?`
  const elsewhere = files.list(events).filter(other => files.text(join(events, other, name, 'id')) !== undefined)
  if (elsewhere.length > 0) return `there is ${elsewhere.map(other => `${other}/${name}`).join(' and ')}`
  if (here.length > 0) return `${join(events, category)} has those of that category`
  const categories = nearNames(category, files.list(events))
  return categories.length > 0 ? `there is no category ${category}; did you mean ${categories.join(' or ')}?` : undefined
}
