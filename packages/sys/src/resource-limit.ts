import { call } from './call'
import type { Sys } from './sys'

/** `RLIMIT_*` (asm-generic/resource.h). */
export const ResourceLimit = { Nofile: 7, Memlock: 8 } as const
export const unlimited = 0xffff_ffff_ffff_ffffn

/** What a limit is now, and how far it may be raised without CAP_SYS_RESOURCE. */
export interface Limit {
  readonly soft: bigint
  readonly hard: bigint
}

/** prlimit(2) of this process; the limit as it was before. @throws SyscallError EPERM to raise `hard` without CAP_SYS_RESOURCE */
export function setResourceLimit(sys: Sys, resource: number, limit: Limit): Limit {
  const old = new BigUint64Array(2)
  const attributes = { resource, soft: limit.soft, hard: limit.hard }
  call(sys, 'prlimit64', [0, resource, BigUint64Array.of(limit.soft, limit.hard), old], attributes)
  return toLimit(old)
}

/** @throws SyscallError */
export function getResourceLimit(sys: Sys, resource: number): Limit {
  const old = new BigUint64Array(2)
  call(sys, 'prlimit64', [0, resource, null, old], { resource })
  return toLimit(old)
}

function toLimit([soft = 0n, hard = 0n]: BigUint64Array): Limit {
  return { soft, hard }
}
