import { call } from './call'
import { openFile } from './file'
import type { Fd } from './owned-fd'
import type { Sys } from './sys'

export const Namespace = { Net: 0x40000000, Mount: 0x00020000, Cgroup: 0x02000000, User: 0x10000000 } as const

/** setns(2): moves this thread, no other, into a namespace. @throws SyscallError */
export function setNamespace(sys: Sys, fd: Fd, type: number): void {
  call(sys, 'setns', [fd, type], { fd, type })
}

/** unshare(2): gives this thread new namespaces. @throws SyscallError */
export function unshare(sys: Sys, types: number): void {
  call(sys, 'unshare', [types], { types })
}

/**
 * Runs `action` with this thread in another network namespace, and moves back. `action` must be synchronous: what runs
 * later runs back home. Sockets it opens stay in the namespace they were opened in.
 *
 * `namespace` is a path (`/run/netns/blue`, `/proc/1/ns/net`) or a descriptor. @throws SyscallError
 */
export function inNetworkNamespace<T>(sys: Sys, namespace: string | Fd, action: () => T): T {
  using home = openFile(sys, '/proc/thread-self/ns/net')
  using away = typeof namespace === 'string' ? openFile(sys, namespace) : undefined
  setNamespace(sys, away?.fd ?? (namespace as Fd), Namespace.Net)
  try {
    return action()
  } finally {
    setNamespace(sys, home.fd, Namespace.Net)
  }
}
