import { call } from './call'
import { cString } from './layout'
import { type Fd, OwnedFd } from './owned-fd'
import type { Sys } from './sys'

/** Flags of open(2), the same on both processors except where noted. */
export const OpenFlag = { Rdonly: 0, Wronly: 1, Rdwr: 2, Nonblock: 0o4000, Cloexec: 0o2000000 } as const

const AT_FDCWD = -100

/** openat(2), close-on-exec; for what node:fs cannot hold on to as a number. @throws SyscallError */
export function openFile(sys: Sys, path: string, flags: number = OpenFlag.Rdonly, dirFd?: Fd): OwnedFd {
  const fd = call(sys, 'openat', [dirFd ?? AT_FDCWD, cString('path', path), flags | OpenFlag.Cloexec, 0], { dirFd, path, flags })
  return new OwnedFd(sys, fd, path)
}

/** read(2) into `memory`; returns the bytes read, 0 at the end. @throws SyscallError */
export function readFd(sys: Sys, fd: Fd, memory: ArrayBufferView): number {
  return call(sys, 'read', [fd, memory, memory.byteLength], { fd, memory })
}

/** pread(2). @throws SyscallError */
export function preadFd(sys: Sys, fd: Fd, memory: ArrayBufferView, offset: number | bigint): number {
  return call(sys, 'pread64', [fd, memory, memory.byteLength, offset], { fd, memory, offset })
}

/** write(2); returns the bytes written. @throws SyscallError */
export function writeFd(sys: Sys, fd: Fd, memory: ArrayBufferView): number {
  return call(sys, 'write', [fd, memory, memory.byteLength], { fd, memory })
}

const EFD_CLOEXEC = 0o2000000
const EFD_NONBLOCK = 0o4000

/** eventfd(2), non-blocking: a counter that readers can wait for. @throws SyscallError */
export function eventfd(sys: Sys, initial = 0): OwnedFd {
  return new OwnedFd(sys, call(sys, 'eventfd2', [initial, EFD_CLOEXEC | EFD_NONBLOCK], { initial }), 'eventfd')
}
