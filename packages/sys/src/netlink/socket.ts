import { call, syscallError, tryCall } from '../call'
import { Errno } from '../errno'
import type { Fd, OwnedFd } from '../owned-fd'
import { openSocket, SocketFamily, SocketType, setSocketOption } from '../socket'
import type { Sys } from '../sys'
import { SyscallError } from '../syscall-error'
import { encodeMessage, MessageFlag, MessageType, type NetlinkMessage, parseAcknowledgement, parseMessages } from './message'

export const NetlinkProtocol = { Route: 0, Netfilter: 12, Generic: 16 } as const

export interface NetlinkRequest {
  /** `RTM_*`, or a generic family's id. */
  readonly type: number
  /** `MessageFlag`s besides `Request`; without `Dump`, an acknowledgement is asked for as well. */
  readonly flags?: number
  readonly payload: Uint8Array
  /** For messages: `RTM_NEWQDISC clsact`. */
  readonly what: string
}

/** The kernel refused a netlink request. */
export class NetlinkError extends SyscallError {
  override readonly name = 'NetlinkError'
  /** The kernel's explanation (extended acknowledgement). */
  readonly text: string | undefined

  constructor(from: SyscallError, text: string | undefined) {
    super({ ...from, attributes: from.attributes, hint: from.hint ?? (text && `the kernel says: ${text}`) })
    this.text = text
  }
}

const SOL_NETLINK = 270
const NETLINK_EXT_ACK = 11
const SOL_SOCKET = 1
const SO_RCVTIMEO = 20
const MSG_PEEK = 0x2
const MSG_TRUNC = 0x20
/** The kernel answers before sendto returns; the limit is for a kernel that does not. Seconds. */
const patience = 10
/** A table that changes all the time: so many dumps are tried before giving up. */
const dumpAttempts = 8

/** A conversation with the kernel. Requests are answered one after the other, synchronously. */
export class NetlinkSocket implements Disposable {
  readonly #sys: Sys
  readonly #socket: OwnedFd
  readonly #portId: number
  #seq = 0

  /** `protocol`: `NetlinkProtocol`. It talks to this thread's current network namespace for good. @throws SyscallError */
  constructor(sys: Sys, protocol: number) {
    this.#sys = sys
    this.#socket = openSocket(sys, SocketFamily.Netlink, SocketType.Raw, protocol)
    try {
      this.#portId = this.#prepare(this.#socket.fd)
    } catch (error) {
      this.#socket.close()
      throw error
    }
  }

  /** The answers to a request, without the acknowledgement. @throws NetlinkError if the kernel refuses */
  request(request: NetlinkRequest): readonly NetlinkMessage[] {
    const isDump = ((request.flags ?? 0) & MessageFlag.Dump) === MessageFlag.Dump
    for (let attempt = 1; ; attempt++) {
      const answers = this.#converse(request, isDump)
      if (!answers.some(message => (message.flags & MessageFlag.DumpInterrupted) !== 0)) return answers
      if (attempt === dumpAttempts) throw this.#error(request, Errno.EINTR, 'the table kept changing while it was read')
    }
  }

  close(): void {
    this.#socket.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #prepare(fd: Fd): number {
    setSocketOption(this.#sys, fd, SOL_NETLINK, NETLINK_EXT_ACK, 1)
    const timeout = BigInt64Array.of(BigInt(patience), 0n)
    call(this.#sys, 'setsockopt', [fd, SOL_SOCKET, SO_RCVTIMEO, timeout, timeout.byteLength], { fd, option: SO_RCVTIMEO })
    // struct sockaddr_nl { u16 family, pad; u32 pid, groups }: the kernel chooses the pid.
    const address = new Uint32Array([SocketFamily.Netlink, 0, 0])
    const length = Uint32Array.of(address.byteLength)
    call(this.#sys, 'bind', [fd, address, address.byteLength], { fd })
    call(this.#sys, 'getsockname', [fd, address, length], { fd })
    return address[1] ?? 0
  }

  #converse(request: NetlinkRequest, isDump: boolean): readonly NetlinkMessage[] {
    this.#seq++
    const flags = (request.flags ?? 0) | MessageFlag.Request | (isDump ? 0 : MessageFlag.Ack)
    const bytes = encodeMessage({ type: request.type, flags, seq: this.#seq, payload: request.payload })
    const { what, type, payload } = request
    call(this.#sys, 'sendto', [this.#socket.fd, bytes, bytes.byteLength, 0], { what, type, messageFlags: flags, payload }, what)
    return this.#collect(request)
  }

  #collect(request: NetlinkRequest): readonly NetlinkMessage[] {
    const answers: NetlinkMessage[] = []
    for (;;) {
      for (const message of parseMessages(this.#receive(request))) {
        // What is left of an earlier conversation, or meant for somebody else.
        if (message.seq !== this.#seq || message.pid !== this.#portId) continue
        if (message.type !== MessageType.Error && message.type !== MessageType.Done) {
          answers.push(message)
          continue
        }
        const { errno, text } = parseAcknowledgement(message)
        if (errno !== 0) throw this.#error(request, errno, text)
        // An interrupted dump may say so in its last message alone.
        return (message.flags & MessageFlag.DumpInterrupted) !== 0 ? [...answers, message] : answers
      }
    }
  }

  /** One datagram, whole: its size is asked first, for none may be cut. */
  #receive({ what }: NetlinkRequest): Uint8Array {
    const { fd } = this.#socket
    const probe = new Uint8Array(1)
    const size = this.#patiently([fd, probe, 0, MSG_PEEK | MSG_TRUNC], what)
    const datagram = new Uint8Array(size)
    return datagram.subarray(0, this.#patiently([fd, datagram, size, 0], what))
  }

  #patiently(args: readonly [number, Uint8Array, number, number], what: string): number {
    for (;;) {
      const outcome = tryCall(this.#sys, 'recvfrom', args, { fd: args[0], memory: args[1] }, what)
      if (outcome.errno !== Errno.EINTR) return outcome.value()
    }
  }

  #error({ what, type, payload }: NetlinkRequest, errno: number, text: string | undefined): NetlinkError {
    return new NetlinkError(syscallError(this.#sys, 'netlink', what, errno, { type, payload }), text)
  }
}
