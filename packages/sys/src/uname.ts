import { decodeCString } from '@bpf/bytes'
import { call } from './call'
import type { Sys } from './sys'

/** `struct new_utsname`: six texts of 65 bytes. */
const length = 65

export interface Uname {
  readonly sysname: string
  readonly nodename: string
  /** `6.18.44-generic`. */
  readonly release: string
  /** `#1 SMP Debian 6.1.112-1 (2024-09-30)`. */
  readonly version: string
  readonly machine: string
}

/** uname(2). @throws SyscallError */
export function uname(sys: Sys): Uname {
  const memory = new Uint8Array(6 * length)
  call(sys, 'uname', [memory], {})
  const text = (index: number) => decodeCString(memory.subarray(index * length, (index + 1) * length))
  return { sysname: text(0), nodename: text(1), release: text(2), version: text(3), machine: text(4) }
}
