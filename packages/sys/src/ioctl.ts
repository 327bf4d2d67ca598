import { call } from './call'
import type { Word } from './native'
import type { Fd } from './owned-fd'
import type { Sys } from './sys'

/** ioctl(2). `name` is for messages: `PERF_EVENT_IOC_ENABLE`. @throws SyscallError */
export function ioctl(sys: Sys, fd: Fd, request: number, argument: Word, name: string): number {
  return call(sys, 'ioctl', [fd, request, argument], { fd, argument: argument ?? undefined }, name)
}
