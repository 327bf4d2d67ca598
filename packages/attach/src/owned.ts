import { call, type Fd, OwnedFd, openFile, type Sys } from '@bpf/sys'

const F_DUPFD_CLOEXEC = 1030
const firstOrdinaryFd = 3

/** A descriptor of our own for what the caller's stands for, so that the caller may close first. @throws SyscallError */
export function duplicate(sys: Sys, fd: number, what: string): OwnedFd {
  return new OwnedFd(sys, call(sys, 'fcntl', [fd, F_DUPFD_CLOEXEC, firstOrdinaryFd], { fd, duplicateFrom: firstOrdinaryFd }), what)
}

/** Opens a file or directory that is given by path, or once more, by descriptor. @throws SyscallError */
export function openTarget(sys: Sys, target: string | Fd): OwnedFd {
  return openFile(sys, typeof target === 'string' ? target : `/proc/self/fd/${target}`)
}
