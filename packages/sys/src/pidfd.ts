import { call } from './call'
import { type Fd, OwnedFd } from './owned-fd'
import type { Sys } from './sys'

/** pidfd_open(2): a process, whatever becomes of its number (5.3). @throws SyscallError ESRCH if there is none */
export function pidfdOpen(sys: Sys, pid: number): OwnedFd {
  return new OwnedFd(sys, call(sys, 'pidfd_open', [pid, 0], { pid }), `process ${pid}`)
}

/** pidfd_getfd(2): a copy of a descriptor of that process, which this one may trace (5.6). @throws SyscallError */
export function pidfdGetFd(sys: Sys, pidfd: Fd, fd: number): OwnedFd {
  return new OwnedFd(sys, call(sys, 'pidfd_getfd', [pidfd, fd, 0], { pidfd, fd }), `descriptor ${fd} of another process`)
}
