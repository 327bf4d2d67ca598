import { call, OwnedFd, type Sys } from '@bpf/sys'

const F_DUPFD_CLOEXEC = 1030

/** A duplicate of a descriptor with the number that another one had, which is closed. */
export function duplicateTo(sys: Sys, number: number, fd: number): OwnedFd {
  const duplicate = new OwnedFd(
    sys,
    call(sys, 'fcntl', [fd, F_DUPFD_CLOEXEC, number], { fd, duplicateFrom: number }),
    `descriptor ${number}`,
  )
  if (duplicate.fd !== number) throw new Error(`descriptor ${number} is taken`)
  return duplicate
}
