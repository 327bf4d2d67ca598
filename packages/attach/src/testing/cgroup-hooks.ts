import type { AttachType, ProgType } from '@bpf/sys'

/** Attach types of cgroups, with the types of their programs; without LSM, whose programs are for a function of the kernel. */
export const cgroupHooks = [
  ['CgroupInetIngress', 'CgroupSkb'],
  ['CgroupInetEgress', 'CgroupSkb'],
  ['CgroupInetSockCreate', 'CgroupSock'],
  ['CgroupInetSockRelease', 'CgroupSock'],
  ['CgroupInet4PostBind', 'CgroupSock'],
  ['CgroupInet6PostBind', 'CgroupSock'],
  ['CgroupSockOps', 'SockOps'],
  ['CgroupDevice', 'CgroupDevice'],
  ['CgroupSysctl', 'CgroupSysctl'],
  ['CgroupGetsockopt', 'CgroupSockopt'],
  ['CgroupSetsockopt', 'CgroupSockopt'],
  ['CgroupInet4Bind', 'CgroupSockAddr'],
  ['CgroupInet6Bind', 'CgroupSockAddr'],
  ['CgroupInet4Connect', 'CgroupSockAddr'],
  ['CgroupInet6Connect', 'CgroupSockAddr'],
  ['CgroupUnixConnect', 'CgroupSockAddr'],
  ['CgroupUdp4Sendmsg', 'CgroupSockAddr'],
  ['CgroupUdp6Sendmsg', 'CgroupSockAddr'],
  ['CgroupUnixSendmsg', 'CgroupSockAddr'],
  ['CgroupUdp4Recvmsg', 'CgroupSockAddr'],
  ['CgroupUdp6Recvmsg', 'CgroupSockAddr'],
  ['CgroupUnixRecvmsg', 'CgroupSockAddr'],
  ['CgroupInet4Getpeername', 'CgroupSockAddr'],
  ['CgroupInet6Getpeername', 'CgroupSockAddr'],
  ['CgroupUnixGetpeername', 'CgroupSockAddr'],
  ['CgroupInet4Getsockname', 'CgroupSockAddr'],
  ['CgroupInet6Getsockname', 'CgroupSockAddr'],
  ['CgroupUnixGetsockname', 'CgroupSockAddr'],
] as const satisfies readonly (readonly [keyof typeof AttachType, keyof typeof ProgType])[]

export type CgroupHookName = (typeof cgroupHooks)[number][0]
