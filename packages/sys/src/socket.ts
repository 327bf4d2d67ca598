import { BpfError, decodeCString } from '@bpf/bytes'
import { littleEndian } from './arch'
import { call } from './call'
import { ioctl } from './ioctl'
import { type Fd, OwnedFd } from './owned-fd'
import type { Sys } from './sys'

export const SocketFamily = { Unix: 1, Inet: 2, Inet6: 10, Netlink: 16, Packet: 17 } as const
export const SocketType = { Stream: 1, Dgram: 2, Raw: 3 } as const

const SOCK_CLOEXEC = 0o2000000
const SOL_SOCKET = 1

/** `SOL_SOCKET` options about programs. */
export const SocketOption = {
  /** Drop the filter, classic or BPF. */
  DetachFilter: 27,
  /** Nobody may change the filter any more. */
  LockFilter: 44,
  /** A `socket` program decides what the socket receives. */
  AttachBpf: 50,
  /** A `sk_reuseport` or `socket` program chooses the socket of a group. */
  AttachReuseportEbpf: 52,
  DetachReuseportBpf: 68,
} as const

/** socket(2), close-on-exec. @throws SyscallError */
export function openSocket(sys: Sys, family: number, type: number, protocol = 0): OwnedFd {
  return new OwnedFd(sys, call(sys, 'socket', [family, type | SOCK_CLOEXEC, protocol], { family, type, protocol }), 'socket')
}

/** setsockopt(2) with an integer. @throws SyscallError */
export function setSocketOption(sys: Sys, fd: number, level: number, option: number, value: number): void {
  call(sys, 'setsockopt', [fd, level, option, Int32Array.of(value), 4], { fd, level, option, value })
}

/** SO_ATTACH_BPF. @throws SyscallError */
export function attachSocketFilter(sys: Sys, socket: number, progFd: Fd): void {
  setSocketOption(sys, socket, SOL_SOCKET, SocketOption.AttachBpf, progFd)
}

/** SO_DETACH_FILTER; ENOENT if there is none. @throws SyscallError */
export function detachSocketFilter(sys: Sys, socket: number): void {
  setSocketOption(sys, socket, SOL_SOCKET, SocketOption.DetachFilter, 0)
}

/** SO_ATTACH_REUSEPORT_EBPF. @throws SyscallError */
export function attachReuseport(sys: Sys, socket: number, progFd: Fd): void {
  setSocketOption(sys, socket, SOL_SOCKET, SocketOption.AttachReuseportEbpf, progFd)
}

/** SO_DETACH_REUSEPORT_BPF (5.3). @throws SyscallError */
export function detachReuseport(sys: Sys, socket: number): void {
  setSocketOption(sys, socket, SOL_SOCKET, SocketOption.DetachReuseportBpf, 0)
}

/** `struct ifreq`: a name of 16 bytes, then a union of 24. */
const ifreq = { size: 40, nameSize: 16, value: 16 } as const
const SIOCGIFNAME = 0x8910
const SIOCGIFINDEX = 0x8933

/** Index of a network interface in this thread's network namespace. @throws SyscallError ENODEV if there is none */
export function interfaceIndex(sys: Sys, name: string): number {
  const request = new Uint8Array(ifreq.size)
  const bytes = new TextEncoder().encode(name)
  if (bytes.byteLength === 0 || bytes.byteLength >= ifreq.nameSize) throw new InterfaceNameError(name)
  request.set(bytes)
  using socket = openSocket(sys, SocketFamily.Unix, SocketType.Dgram)
  ioctl(sys, socket.fd, SIOCGIFINDEX, request, `SIOCGIFINDEX ${name}`)
  return new DataView(request.buffer).getInt32(ifreq.value, littleEndian)
}

/** Name of a network interface in this thread's network namespace. @throws SyscallError ENODEV if there is none */
export function interfaceName(sys: Sys, index: number): string {
  const request = new Uint8Array(ifreq.size)
  new DataView(request.buffer).setInt32(ifreq.value, index, littleEndian)
  using socket = openSocket(sys, SocketFamily.Unix, SocketType.Dgram)
  ioctl(sys, socket.fd, SIOCGIFNAME, request, `SIOCGIFNAME ${index}`)
  return decodeCString(request.subarray(0, ifreq.nameSize))
}

/** A text that cannot name a network interface. */
export class InterfaceNameError extends BpfError {
  override readonly name = 'InterfaceNameError'

  constructor(name: string) {
    super('ERR_BPF_INTERFACE_NAME', `${JSON.stringify(name)} is no interface name: 1 to ${ifreq.nameSize - 1} bytes`)
  }
}
