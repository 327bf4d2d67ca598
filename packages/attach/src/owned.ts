import { type Fd, type OwnedFd, openFile, type Sys } from '@bpf/sys'

/** Opens a file or directory that is given by path, or once more, by descriptor. @throws SyscallError */
export function openTarget(sys: Sys, target: string | Fd): OwnedFd {
  return openFile(sys, typeof target === 'string' ? target : `/proc/self/fd/${target}`)
}
