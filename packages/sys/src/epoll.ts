import { littleEndian } from './arch'
import { call, tryCall } from './call'
import { Errno } from './errno'
import { type Fd, OwnedFd } from './owned-fd'
import type { Sys } from './sys'

/**
 * Events of epoll(7). `Err` and `Hup` are reported whether asked for or not. `Et` (edge-triggered): once per wake-up of the
 * descriptor, not for as long as it is ready.
 */
export const EpollEvent = { In: 0x1, Out: 0x4, Err: 0x8, Hup: 0x10, Rdhup: 0x2000, Et: 0x8000_0000 } as const

const EPOLL_CLOEXEC = 0o2000000
const operations = { add: 1, del: 2, mod: 3 } as const
const batch = 64

/** A set of descriptors that the kernel watches, and memory for its answers. */
export class Epoll implements Disposable {
  readonly #sys: Sys
  readonly #set: OwnedFd
  readonly #events: DataView
  readonly #event: DataView

  /** @throws SyscallError */
  constructor(sys: Sys) {
    const { size } = sys.native.arch.epollEvent
    this.#sys = sys
    this.#set = new OwnedFd(sys, call(sys, 'epoll_create1', [EPOLL_CLOEXEC], {}), 'epoll set')
    this.#events = new DataView(new ArrayBuffer(batch * size))
    this.#event = new DataView(new ArrayBuffer(size))
  }

  get fd(): Fd {
    return this.#set.fd
  }

  /** `token` comes back with each event. @throws SyscallError: EPERM for what cannot be polled, EEXIST, EBADF */
  add(fd: Fd, events: number, token: number): void {
    this.#control('add', fd, events, token)
  }

  /** @throws SyscallError */
  modify(fd: Fd, events: number, token: number): void {
    this.#control('mod', fd, events, token)
  }

  /** A descriptor that is gone from the set already is fine. */
  remove(fd: Fd): void {
    tryCall(this.#sys, 'epoll_ctl', [this.fd, operations.del, fd, this.#event], { epoll: this.fd, fd }, 'EPOLL_CTL_DEL')
  }

  /** Calls `found` for each event that is ready; waits up to `timeout` ms, not at all by default. Returns their number. */
  poll(found: (token: number, events: number) => void, timeout = 0): number {
    const { native } = this.#sys
    const { size, data } = native.arch.epollEvent
    // Not traced: it runs on every wake-up and says nothing that the sources do not.
    const count = native.syscall(native.arch.syscalls.epoll_pwait, this.fd, this.#events, batch, timeout, null, 8)
    if (count === -1 && native.errno() === Errno.EINTR) return 0
    for (let i = 0; i < count; i++) {
      found(this.#events.getUint32(i * size + data, littleEndian), this.#events.getUint32(i * size, littleEndian))
    }
    return Math.max(count, 0)
  }

  close(): void {
    this.#set.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #control(operation: 'add' | 'mod', fd: Fd, events: number, token: number): void {
    const name = operation === 'add' ? 'EPOLL_CTL_ADD' : 'EPOLL_CTL_MOD'
    this.#event.setUint32(0, events, littleEndian)
    this.#event.setUint32(this.#sys.native.arch.epollEvent.data, token, littleEndian)
    call(this.#sys, 'epoll_ctl', [this.fd, operations[operation], fd, this.#event], { epoll: this.fd, fd, events, token }, name)
  }
}
