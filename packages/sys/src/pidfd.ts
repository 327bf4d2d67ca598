import { call } from './call'
import { OwnedFd } from './owned-fd'
import type { Sys } from './sys'

/** pidfd_open(2): a process, whatever becomes of its number (5.3). @throws SyscallError ESRCH if there is none */
export function pidfdOpen(sys: Sys, pid: number): OwnedFd {
  return new OwnedFd(sys, call(sys, 'pidfd_open', [pid, 0], { pid }), `process ${pid}`)
}
