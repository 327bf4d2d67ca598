import { decodeCString } from '@bpf/bytes'
import { BpfCommand } from '../constants/command'
import type { Sys } from '../sys'
import { taskFdQuery as layout } from './attr-layouts'
import { bpf } from './call'

/** What a perf event descriptor of some process has to do with BPF. */
export interface TaskFd {
  readonly progId: number
  /** `FdType`. */
  readonly fdType: number
  /** Tracepoint, function or file. */
  readonly name: string
  readonly probeOffset: bigint
  readonly probeAddr: bigint
}

/** BPF_TASK_FD_QUERY; ENOTSUPP or EINVAL for other descriptors. @throws SyscallError */
export function taskFdQuery(sys: Sys, { pid, fd }: { readonly pid: number; readonly fd: number }): TaskFd {
  const buf = new Uint8Array(4096)
  const answer = bpf(sys, BpfCommand.TaskFdQuery, layout, { pid, fd, bufLen: buf.byteLength, buf }, { reads: ['probeAddr'] })
  const { progId, fdType, probeOffset, probeAddr } = answer.read()
  return { progId, fdType, name: decodeCString(buf), probeOffset, probeAddr }
}
