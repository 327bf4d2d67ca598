/**
 * What differs between the processors this package runs on: system call numbers (asm/unistd.h) and the layout of
 * `struct epoll_event`. Both run Linux little-endian; nothing here serves a big-endian machine.
 */
export type ArchName = 'x64' | 'arm64'

/** Byte order of what the kernel reads and writes. */
export const littleEndian = true

const x64 = {
  read: 0,
  write: 1,
  close: 3,
  mmap: 9,
  munmap: 11,
  rt_sigprocmask: 14,
  ioctl: 16,
  pread64: 17,
  sendto: 44,
  recvfrom: 45,
  socket: 41,
  bind: 49,
  setsockopt: 54,
  getsockname: 51,
  uname: 63,
  fcntl: 72,
  flock: 73,
  mount: 165,
  umount2: 166,
  epoll_ctl: 233,
  openat: 257,
  unshare: 272,
  eventfd2: 290,
  epoll_create1: 291,
  perf_event_open: 298,
  prlimit64: 302,
  setns: 308,
  capget: 125,
  capset: 126,
  bpf: 321,
  epoll_pwait: 281,
  add_key: 248,
  move_mount: 429,
  fsopen: 430,
  fsconfig: 431,
  fsmount: 432,
  pidfd_open: 434,
  pidfd_getfd: 438,
} as const

export type SyscallName = keyof typeof x64

const arm64: Readonly<Record<SyscallName, number>> = {
  eventfd2: 19,
  epoll_create1: 20,
  epoll_ctl: 21,
  epoll_pwait: 22,
  fcntl: 25,
  ioctl: 29,
  flock: 32,
  umount2: 39,
  mount: 40,
  openat: 56,
  close: 57,
  read: 63,
  write: 64,
  pread64: 67,
  capget: 90,
  capset: 91,
  unshare: 97,
  rt_sigprocmask: 135,
  uname: 160,
  socket: 198,
  bind: 200,
  getsockname: 204,
  sendto: 206,
  recvfrom: 207,
  setsockopt: 208,
  munmap: 215,
  mmap: 222,
  perf_event_open: 241,
  prlimit64: 261,
  setns: 268,
  bpf: 280,
  add_key: 217,
  move_mount: 429,
  fsopen: 430,
  fsconfig: 431,
  fsmount: 432,
  pidfd_open: 434,
  pidfd_getfd: 438,
}

export interface Arch {
  readonly name: ArchName
  readonly syscalls: Readonly<Record<SyscallName, number>>
  /** `struct epoll_event`: packed on x86-64 only. Bytes. */
  readonly epollEvent: { readonly size: number; readonly data: number }
}

export const archs: Readonly<Record<ArchName, Arch>> = {
  x64: { name: 'x64', syscalls: x64, epollEvent: { size: 12, data: 4 } },
  arm64: { name: 'arm64', syscalls: arm64, epollEvent: { size: 16, data: 8 } },
}
