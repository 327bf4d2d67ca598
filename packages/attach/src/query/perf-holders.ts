import { readlinkSync } from 'node:fs'
import { Errno, FdType, isSyscallError, type Sys, type TaskFd, taskFdQuery } from '@bpf/sys'
import type { AttachContext } from '../context'
import { programName } from './hook'

/** A descriptor of some process that a program is attached through. */
export interface PerfHolder {
  readonly pid: number
  /** The process's name. */
  readonly command: string
  readonly fd: number
  readonly programId: number
  readonly programName: string | undefined
  readonly point: TracePoint
}

export type TracePoint =
  | { readonly kind: 'raw_tracepoint' | 'tracepoint'; readonly name: string }
  /** Empty function: placed by address. An address is 0n where the kernel hides it. */
  | { readonly kind: 'kprobe' | 'kretprobe'; readonly function: string; readonly offset: bigint; readonly address: bigint }
  | { readonly kind: 'uprobe' | 'uretprobe'; readonly path: string; readonly offset: bigint }
  | { readonly kind: 'unknown'; readonly type: number; readonly name: string }

/**
 * Every program on a raw tracepoint, tracepoint, kprobe or uprobe whose descriptor some process holds, by looking at every
 * process this one may look at (4.18, CAP_SYS_ADMIN). Events that a bpf_link took over are in `listLinks` of `@bpf/kernel` instead.
 *
 * @throws SyscallError
 */
export function* listPerfHolders({ sys, kernel: { files } }: AttachContext): Generator<PerfHolder> {
  for (const pid of files
    .list('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)) {
    for (const fd of eventDescriptors(pid, files.list(`/proc/${pid}/fd`))) {
      const found = taskFd(sys, pid, fd)
      if (found === undefined) continue
      const command = (files.text(`/proc/${pid}/comm`) ?? '').trim()
      yield { pid, command, fd, programId: found.progId, programName: programName(sys, found.progId), point: pointOf(found) }
    }
  }
}

/** The kernel is asked about no others: there are thousands on a machine. */
function eventDescriptors(pid: number, names: readonly string[]): readonly number[] {
  return names.filter(fd => /^anon_inode:(\[perf_event\]|bpf)/.test(linkOf(`/proc/${pid}/fd/${fd}`))).map(Number)
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

/** What the kernel says of descriptors that are gone, or have no program. */
const nothing = [Errno.ENOENT, Errno.EBADF, Errno.ESRCH, Errno.EINVAL, Errno.ENOTSUPP, Errno.EOPNOTSUPP] as const

function taskFd(sys: Sys, pid: number, fd: number): TaskFd | undefined {
  try {
    return taskFdQuery(sys, { pid, fd })
  } catch (error) {
    if (isSyscallError(error, ...nothing)) return undefined
    throw error
  }
}

function pointOf({ fdType, name, probeOffset: offset, probeAddr: address }: TaskFd): TracePoint {
  const known: Readonly<Record<number, TracePoint>> = {
    [FdType.RawTracepoint]: { kind: 'raw_tracepoint', name },
    [FdType.Tracepoint]: { kind: 'tracepoint', name },
    [FdType.Kprobe]: { kind: 'kprobe', function: name, offset, address },
    [FdType.Kretprobe]: { kind: 'kretprobe', function: name, offset, address },
    [FdType.Uprobe]: { kind: 'uprobe', path: name, offset },
    [FdType.Uretprobe]: { kind: 'uretprobe', path: name, offset },
  }
  return known[fdType] ?? { kind: 'unknown', type: fdType, name }
}
