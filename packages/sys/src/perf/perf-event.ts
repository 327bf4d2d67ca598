import { call } from '../call'
import { ioctl } from '../ioctl'
import { encodeFields, type FieldsOf } from '../layout'
import { type Fd, OwnedFd } from '../owned-fd'
import type { Sys } from '../sys'
import { type PerfFlag, perfEventAttr, perfFlagBits } from './perf-attr'

const PERF_FLAG_FD_CLOEXEC = 1 << 3
const PERF_FLAG_PID_CGROUP = 1 << 2

export interface PerfEventOptions extends Omit<FieldsOf<typeof perfEventAttr>, 'size' | 'flags' | '_reserved2'> {
  /** Bits to set. */
  readonly set?: readonly PerfFlag[]
  /** 0 to 3: how near to the event a sample's address must be. */
  readonly preciseIp?: number
  /** A process, 0 for this one, -1 for all. With `cgroup`, the descriptor of a cgroup directory. */
  readonly pid: number
  /** A CPU, or -1 for all. */
  readonly cpu: number
  /** `pid` is a cgroup's descriptor. */
  readonly cgroup?: boolean
  readonly groupFd?: Fd | undefined
}

/** perf_event_open(2). @throws SyscallError */
export function perfEventOpen(sys: Sys, options: PerfEventOptions): OwnedFd {
  const { set = [], preciseIp = 0, pid, cpu, cgroup = false, groupFd = -1, ...fields } = options
  const attr = new Uint8Array(perfEventAttr.size)
  const keep: unknown[] = []
  const values = { ...fields, size: attr.byteLength, flags: flagBits(set, preciseIp) }
  encodeFields(perfEventAttr, attr, values, memory => sys.native.address(memory), keep)
  const flags = PERF_FLAG_FD_CLOEXEC | (cgroup ? PERF_FLAG_PID_CGROUP : 0)
  const fd = call(sys, 'perf_event_open', [attr, pid, cpu, groupFd, flags], { ...values, pid, cpu, groupFd })
  // The attributes point to it until here.
  keep.length = 0
  return new OwnedFd(sys, fd, 'perf event')
}

function flagBits(set: readonly PerfFlag[], preciseIp: number): bigint {
  let bits = BigInt(preciseIp & 3) << BigInt(perfFlagBits.preciseIp)
  for (const name of set) bits |= 1n << BigInt(perfFlagBits[name])
  return bits
}

/** ioctl requests of perf events (include/uapi/linux/perf_event.h). */
export const PerfIoctl = {
  Enable: 0x2400,
  Disable: 0x2401,
  Refresh: 0x2402,
  Reset: 0x2403,
  Period: 0x40082404,
  SetOutput: 0x2405,
  SetFilter: 0x40082406,
  Id: 0x80082407,
  SetBpf: 0x40042408,
  PauseOutput: 0x40042409,
  QueryBpf: 0xc008240a,
} as const

/** Starts counting, and with a program attached, calling it. @throws SyscallError */
export function perfEventEnable(sys: Sys, fd: Fd): void {
  ioctl(sys, fd, PerfIoctl.Enable, 0, 'PERF_EVENT_IOC_ENABLE')
}

/** @throws SyscallError */
export function perfEventDisable(sys: Sys, fd: Fd): void {
  ioctl(sys, fd, PerfIoctl.Disable, 0, 'PERF_EVENT_IOC_DISABLE')
}

/** Attaches a program without a link (kernels before 5.15). @throws SyscallError */
export function perfEventSetBpf(sys: Sys, fd: Fd, progFd: Fd): void {
  ioctl(sys, fd, PerfIoctl.SetBpf, progFd, 'PERF_EVENT_IOC_SET_BPF')
}

/** Stops or resumes writing to the event's ring buffer, to read one that overwrites. @throws SyscallError */
export function perfEventPauseOutput(sys: Sys, fd: Fd, pause: boolean): void {
  ioctl(sys, fd, PerfIoctl.PauseOutput, pause ? 1 : 0, 'PERF_EVENT_IOC_PAUSE_OUTPUT')
}

/** Ids of the programs attached to a tracepoint's event (4.16). @throws SyscallError */
export function perfEventQueryBpf(sys: Sys, fd: Fd, limit = 64): readonly number[] {
  // struct perf_event_query_bpf { __u32 ids_len, prog_cnt; __u32 ids[]; }
  const query = new Uint32Array(2 + limit)
  query[0] = limit
  ioctl(sys, fd, PerfIoctl.QueryBpf, query, 'PERF_EVENT_IOC_QUERY_BPF')
  return [...query.subarray(2, 2 + (query[1] ?? 0))]
}
