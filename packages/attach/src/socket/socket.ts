import { readlinkSync } from 'node:fs'
import {
  detachReuseport,
  detachSocketFilter,
  Errno,
  type Fd,
  isSyscallError,
  SocketOption,
  type SyscallError,
  attachSocketFilter as setFilter,
  attachReuseport as setReuseport,
  setSocketOption,
} from '@bpf/sys'
import type { AttachContext } from '../context'
import { heldLink } from '../link/held-link'
import type { AttachableProgram, Link } from '../link/link'
import { attachFirst, type Explanation } from '../ways'

export interface SocketTarget {
  /** Stays the caller's. What is attached goes with the socket. */
  readonly socket: Fd | number
}

export interface SocketFilterTarget extends SocketTarget {
  /** Nobody, not even this link, can take the filter off again or put another there: SO_LOCK_FILTER. */
  readonly lock?: boolean
}

const SOL_SOCKET = 1

/** Lets a `socket` program decide how much of each packet a socket receives: SO_ATTACH_BPF. @throws AttachError */
export function attachSocketFilter({ sys }: AttachContext, program: AttachableProgram, { socket, lock = false }: SocketFilterTarget): Link {
  return socketLink(program, {
    kind: 'socket_filter',
    socket,
    set(progFd) {
      setFilter(sys, socket, progFd)
      if (lock) setSocketOption(sys, socket, SOL_SOCKET, SocketOption.LockFilter, 1)
    },
    unset: () => lock || detachSocketFilter(sys, socket),
  })
}

/**
 * Lets a `sk_reuseport` or `socket` program choose which socket of a SO_REUSEPORT group gets a packet: SO_ATTACH_REUSEPORT_EBPF
 * (4.5, taken off again 5.3). `socket` is any of the group. @throws AttachError
 */
export function attachReuseport({ sys }: AttachContext, program: AttachableProgram, { socket }: SocketTarget): Link {
  return socketLink(program, {
    kind: 'sk_reuseport',
    socket,
    set: progFd => setReuseport(sys, socket, progFd),
    unset: () => detachReuseport(sys, socket),
  })
}

interface SocketHook {
  readonly kind: 'socket_filter' | 'sk_reuseport'
  readonly socket: number
  set(progFd: Fd): void
  unset(): void
}

function socketLink(program: AttachableProgram, { kind, socket, set, unset }: SocketHook): Link {
  const label = { kind, program: program.name, target: `${kind} of socket descriptor ${socket}` }
  const identity = socketIdentity(socket)
  const attach = () => {
    set(program.fd as Fd)
    return heldLink({
      ...label,
      interface: 'setsockopt',
      update: next => set(next.fd as Fd),
      detach: () => {
        // The number may stand for something else by now.
        if (identity !== undefined && socketIdentity(socket) === identity) tolerate(unset)
      },
    })
  }
  return attachFirst(label, [{ interface: 'setsockopt', attach }], { explain })
}

/** `socket:[12345]`; undefined for what is no socket. */
function socketIdentity(fd: number): string | undefined {
  try {
    const target = readlinkSync(`/proc/self/fd/${fd}`)
    return target.startsWith('socket:') ? target : undefined
  } catch {
    return undefined
  }
}

/** Somebody else may have taken it off, or locked it; kernels before 5.3 do not know how. */
function tolerate(action: () => void): void {
  try {
    action()
  } catch (error) {
    if (!isSyscallError(error, Errno.ENOENT, Errno.EPERM, Errno.ENOPROTOOPT)) throw error
  }
}

function explain({ errno }: SyscallError): Explanation | undefined {
  const known: Readonly<Record<number, Explanation>> = {
    [Errno.ENOTSOCK]: { problem: 'the descriptor is no socket' },
    [Errno.EBADF]: { problem: 'the descriptor is not open' },
    [Errno.EPERM]: { problem: 'the filter of the socket is locked' },
    [Errno.EINVAL]: { hint: 'the socket must be in a SO_REUSEPORT group, and the program of a type that this hook takes' },
  }
  return known[errno]
}
