import {
  AttachType,
  Errno,
  type Fd,
  linkCreate,
  MultiFlag,
  type OwnedFd,
  PerfType,
  ProgType,
  perfEventOpen,
  type SyscallError,
} from '@bpf/sys'
import type { AttachContext } from '../context'
import { showPattern } from '../glob'
import { kernelLink } from '../link/kernel-link'
import type { AttachableProgram, Link, LinkInterface, LinkLabel } from '../link/link'
import { linkGroup } from '../link/link-group'
import { perfIoctlLink, perfWays } from '../link/perf-link'
import { probePmu } from '../pmu'
import { refuseReturnInside } from '../return-inside'
import { addTracefsEvent } from '../tracefs-event'
import { attachFirst, type Explanation, MissingInterfaceError, type Way } from '../ways'
import { wrongType } from '../wrong-type'
import { type Binary, findBinary } from './binary'
import { findProbePoints, type PlaceInBinary, type ProbePoint } from './functions'

export interface UprobeTarget extends PlaceInBinary {
  /** A path, the name of a library (`libc`) or program (`bash`), or a library in an archive (`base.apk!/lib/arm64/libapp.so`). */
  readonly binary: string
  /** Only this process; its view of the file system and its libraries count. All processes unless given. */
  readonly pid?: number
  /** When the function returns; a session program is called on both occasions anyway. */
  readonly returns?: boolean
  /** Offset in the binary of a 16-bit counter to increment while attached: a USDT semaphore (4.20). */
  readonly refCounter?: number
  /** Readable in the program through bpf_get_attach_cookie() (5.15); one for all places, or one for each. */
  readonly cookie?: bigint | ((point: ProbePoint) => bigint)
  readonly interfaces?: readonly LinkInterface[]
}

/** A place in a binary, ready for the kernel. */
export interface UprobePoint extends ProbePoint {
  /** Offset in the binary; 0 for none. */
  readonly refCounter: number
  readonly cookie: bigint | undefined
}

export interface UprobeRequest {
  readonly label: LinkLabel
  readonly program: AttachableProgram
  readonly binary: Binary
  readonly points: readonly UprobePoint[]
  readonly pid: number | undefined
  readonly returns: boolean
  readonly interfaces?: readonly LinkInterface[] | undefined
}

/** Attaches to functions or other places of executables and libraries. @throws AttachError with near names */
export function attachUprobe(context: AttachContext, program: AttachableProgram, target: UprobeTarget): Link {
  const { pid, returns = false, refCounter = 0, cookie, interfaces } = target
  const label = labelOf(program, target)
  refuseReturnInside(label, returns || program.expectedAttachType === AttachType.TraceUprobeSession, target)
  const binary = findBinary(context, label, target.binary, pid)
  const points = findProbePoints(context, label, binary, target).map(point => ({
    ...point,
    refCounter,
    cookie: typeof cookie === 'function' ? cookie(point) : cookie,
  }))
  return attachUprobePoints(context, { label, program, binary, points, pid, returns, interfaces })
}

/** Attaches to places that are known already. @throws AttachError */
export function attachUprobePoints(context: AttachContext, inBinary: UprobeRequest): Link {
  const { label, program, interfaces, binary } = inBinary
  const points = inBinary.points.map(point => inFile(binary, point))
  const request = { ...inBinary, points }
  const explainHere = (error: SyscallError) => wrongType(error, program, ProgType.Kprobe) ?? explain(error)
  if (isMulti(program)) {
    const way: Way = { interface: 'multi link', attach: () => multiLink(context, request) }
    return attachFirst(label, [way], { interfaces, explain: explainHere })
  }
  return linkGroup(label, points, point => attachFirst(label, waysOf(context, request, point), { interfaces, explain: explainHere }))
}

/** The kernel counts from the start of the file, which may be an archive. */
function inFile({ start }: Binary, point: UprobePoint): UprobePoint {
  const { offset, refCounter } = point
  return { ...point, offset: offset + start, refCounter: refCounter === 0 ? 0 : refCounter + start }
}

/** Such programs are loaded for many places, others for one each; the kernel keeps them apart. */
function isMulti({ expectedAttachType }: AttachableProgram): boolean {
  return expectedAttachType === AttachType.TraceUprobeMulti || expectedAttachType === AttachType.TraceUprobeSession
}

function multiLink({ sys }: AttachContext, { label, program, binary, points, pid, returns }: UprobeRequest): Link {
  const attachType = program.expectedAttachType
  const column = (value: (point: UprobePoint) => number | bigint) => BigUint64Array.from(points, point => BigInt(value(point)))
  const fd = linkCreate(
    sys,
    { progFd: program.fd as Fd, attachType },
    {
      kind: 'uprobeMulti',
      path: binary.path,
      offsets: column(point => point.offset),
      ...(points.some(point => point.refCounter !== 0) ? { refCtrOffsets: column(point => point.refCounter) } : {}),
      ...(points.some(point => point.cookie !== undefined) ? { cookies: column(point => point.cookie ?? 0n) } : {}),
      flags: returns && attachType === AttachType.TraceUprobeMulti ? MultiFlag.Return : 0,
      pid: pid ?? 0,
    },
  )
  return kernelLink(sys, fd, label, 'multi link')
}

function waysOf(context: AttachContext, request: UprobeRequest, point: UprobePoint): readonly Way[] {
  const { sys } = context
  const { label, program } = request
  const { cookie } = point
  const unable = cookie === undefined ? undefined : 'it has no cookies'
  return [
    ...perfWays(sys, { label, program, cookie, openEvent: () => openPmuEvent(context, request, point) }),
    { interface: 'tracefs event', unable, attach: () => tracefsLink(context, request, point) },
  ]
}

/** An event of all processes is counted on one CPU, and seen on all. */
function scopeOf(pid: number | undefined): { readonly pid: number; readonly cpu: number } {
  return pid === undefined ? { pid: -1, cpu: 0 } : { pid, cpu: -1 }
}

function openPmuEvent(
  { sys, kernel }: AttachContext,
  { binary, pid, returns }: UprobeRequest,
  { offset, refCounter }: UprobePoint,
): OwnedFd {
  const { type, returnBit, refCounterShift } = probePmu(kernel, 'uprobe')
  if (refCounter !== 0 && refCounterShift === undefined)
    throw new MissingInterfaceError('the uprobe event source has no reference counters')
  const config = (returns ? returnBit : 0n) | (BigInt(refCounter) << (refCounterShift ?? 0n))
  return perfEventOpen(sys, { type, config, config1: binary.path, config2: offset, ...scopeOf(pid) })
}

function tracefsLink(context: AttachContext, { label, program, binary, pid, returns }: UprobeRequest, point: UprobePoint): Link {
  const { sys } = context
  const event = addTracefsEvent(context, 'uprobe_events', name => uprobeLine(name, binary.path, point, returns))
  try {
    const openEvent = () =>
      perfEventOpen(sys, { type: PerfType.Tracepoint, config: event.id, samplePeriod: 1, wakeupEvents: 1, ...scopeOf(pid) })
    return perfIoctlLink(sys, { label, program, openEvent }, 'tracefs event', event.remove)
  } catch (error) {
    event.remove()
    throw error
  }
}

/** A line of `uprobe_events`; reference counters since 4.20. @throws MissingInterfaceError for paths that it cannot hold */
function uprobeLine(
  name: string,
  path: string,
  { offset, refCounter }: Pick<UprobePoint, 'offset' | 'refCounter'>,
  returns: boolean,
): string {
  if (/\s/.test(path)) throw new MissingInterfaceError('uprobe_events takes no path with spaces')
  const counter = refCounter === 0 ? '' : `(0x${refCounter.toString(16)})`
  return `${returns ? 'r' : 'p'}:${name} ${path}:0x${offset.toString(16)}${counter}`
}

function labelOf(program: AttachableProgram, { binary, symbol, address, offset, returns, pid }: UprobeTarget): LinkLabel {
  const kind = program.expectedAttachType === AttachType.TraceUprobeSession ? 'uprobe session' : returns ? 'uretprobe' : 'uprobe'
  const start = symbol === undefined ? `0x${(address ?? offset ?? 0).toString(16)}` : showPattern(symbol)
  const more = offset !== undefined && (symbol !== undefined || address !== undefined) ? `+0x${offset.toString(16)}` : ''
  const who = pid === undefined ? '' : ` of process ${pid}`
  return { kind, program: program.name, target: `${kind} ${binary}:${start}${more}${who}` }
}

function explain({ errno }: SyscallError): Explanation | undefined {
  const known: Readonly<Record<number, Explanation>> = {
    [Errno.ESRCH]: { problem: 'there is no such process' },
    [Errno.EBADF]: { problem: 'the file is no regular one' },
    [Errno.EIO]: {
      problem: 'the kernel cannot probe that instruction, or the file system',
      hint: 'a probe goes to the start of an instruction',
    },
    [Errno.EINVAL]: { hint: 'the place may lie outside of the file, or not at the start of an instruction' },
    [Errno.EOPNOTSUPP]: { hint: 'the instruction there cannot be probed' },
  }
  return known[errno]
}
