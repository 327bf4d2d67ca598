import { Errno, errnoName, type Fd, OwnedFd, openSocket, SocketFamily, SocketType, type Sys, setSocketOption } from '@bpf/sys'
import { parseIpAddress } from '../lwt/ip-address'

/** Socket calls beyond those that the toolkit itself makes (asm/unistd.h). */
const numbers = {
  x64: { connect: 42, accept4: 288, sendto: 44, recvfrom: 45, bind: 49, listen: 50, getsockname: 51, getpeername: 52, getsockopt: 55 },
  arm64: {
    connect: 203,
    accept4: 242,
    sendto: 206,
    recvfrom: 207,
    bind: 200,
    listen: 201,
    getsockname: 204,
    getpeername: 205,
    getsockopt: 209,
  },
} as const
type Call = keyof typeof numbers.x64

const SOL_SOCKET = 1
const SO_REUSEPORT = 15
const SO_RCVTIMEO = 20

/** An address as bytes: `struct sockaddr_in`, `sockaddr_in6` or `sockaddr_un`. */
export type Address = Uint8Array

export function inet(host: string, port: number): Address {
  return Uint8Array.of(SocketFamily.Inet, 0, port >> 8, port & 255, ...host.split('.').map(Number), 0, 0, 0, 0, 0, 0, 0, 0)
}

export function inet6(host: string, port: number): Address {
  const address = new Uint8Array(28)
  address.set([SocketFamily.Inet6, 0, port >> 8, port & 255])
  address.set(parseIpAddress(host) ?? [], 8)
  return address
}

export function inet6Loopback(port: number): Address {
  return inet6('::1', port)
}

export function unix(path: string): Address {
  return Uint8Array.of(SocketFamily.Unix, 0, ...new TextEncoder().encode(`${path}\0`))
}

/** A socket whose calls answer at once: an error number, 0 for success. */
export class TestSocket implements Disposable {
  readonly #sys: Sys
  readonly #fd: OwnedFd

  constructor(sys: Sys, family: number, type: number, fd: OwnedFd = openSocket(sys, family, type)) {
    this.#sys = sys
    this.#fd = fd
  }

  static udp(sys: Sys, family: number = SocketFamily.Inet): TestSocket {
    return new TestSocket(sys, family, SocketType.Dgram)
  }

  static tcp(sys: Sys, family: number = SocketFamily.Inet): TestSocket {
    return new TestSocket(sys, family, SocketType.Stream)
  }

  get fd(): Fd {
    return this.#fd.fd
  }

  bind = (address: Address) => this.#errno('bind', address, address.byteLength)
  connect = (address: Address) => this.#errno('connect', address, address.byteLength)
  listen = () => this.#errno('listen', 16)
  send = (text: string, to?: Address) => this.#errno('sendto', Buffer.from(text), text.length, 0, to ?? null, to?.byteLength ?? 0)
  getOption = (level: number, name: number) => this.#errno('getsockopt', level, name, new Uint8Array(64), Uint32Array.of(64))
  setOption = (level: number, name: number, value: number) => setSocketOption(this.#sys, this.fd, level, name, value)
  reusePort = () => this.setOption(SOL_SOCKET, SO_REUSEPORT, 1)
  getName = () => this.#errno('getsockname', new Uint8Array(128), Uint32Array.of(128))
  getPeer = () => this.#errno('getpeername', new Uint8Array(128), Uint32Array.of(128))

  /**
   * What has arrived, or arrives within `patience` milliseconds; undefined if nothing does. Waits in one call: among thousands that
   * fail, the engine's own system calls now and then leave their error number in place of ours.
   */
  receive(patience = 500): string | undefined {
    const bytes = new Uint8Array(2048)
    this.#timeout(Math.max(1, patience))
    const length = this.#call('recvfrom', bytes, bytes.byteLength, 0, new Uint8Array(128), Uint32Array.of(128))
    if (length >= 0) return Buffer.from(bytes.subarray(0, length)).toString()
    const errno = this.#sys.native.errno()
    if (errno !== Errno.EAGAIN) throw new Error(`recvfrom: ${errnoName(errno)}`)
    return undefined
  }

  /** Port that it is bound to. */
  port(): number {
    const address = new Uint8Array(28)
    this.#call('getsockname', address, Uint32Array.of(28))
    return ((address[2] ?? 0) << 8) | (address[3] ?? 0)
  }

  accept(patience = 1000): TestSocket | undefined {
    this.#timeout(patience)
    const fd = this.#call('accept4', null, null, 0o2000000)
    return fd < 0 ? undefined : new TestSocket(this.#sys, 0, 0, new OwnedFd(this.#sys, fd, 'accepted socket'))
  }

  close(): void {
    this.#fd.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #timeout(milliseconds: number): void {
    const { native } = this.#sys
    const time = BigInt64Array.of(BigInt(Math.floor(milliseconds / 1000)), BigInt((milliseconds % 1000) * 1000))
    native.syscall(native.arch.syscalls.setsockopt, this.fd, SOL_SOCKET, SO_RCVTIMEO, time, time.byteLength)
  }

  #call(name: Call, ...args: readonly (number | Uint8Array | Uint32Array | null)[]): number {
    const { native } = this.#sys
    const [a, b, c, d, e] = args
    return native.syscall(numbers[native.arch.name][name], this.fd, a, b, c, d, e)
  }

  #errno(name: Call, ...args: readonly (number | Uint8Array | Uint32Array | null)[]): number {
    return this.#call(name, ...args) < 0 ? this.#sys.native.errno() : 0
  }
}
