import { BpfCommand } from '../constants/command'
import type { Fd } from '../owned-fd'
import type { Sys } from '../sys'
import type { SyscallError } from '../syscall-error'
import { mapBatch } from './attr-layouts'
import { tryBpf } from './call'

/** Many elements in one call (5.6). Keys and values lie back to back, per-CPU values padded to 8 bytes a CPU. */
export interface MapBatchOptions {
  readonly fd: Fd
  /** Elements that `keys` and `values` have room for, or hold. */
  readonly count: number
  readonly keys: Uint8Array
  /** Not for deleting. */
  readonly values?: Uint8Array | undefined
  /** Look-ups: where to go on, what the last call left in `outBatch`; absent to begin. */
  readonly inBatch?: Uint8Array | undefined
  /** Look-ups: where to go on next time. As long as a key, and at least 4 bytes. */
  readonly outBatch?: Uint8Array | undefined
  /** `ElemFlag`. */
  readonly elemFlags?: number
}

export interface MapBatchResult {
  /** Elements done. Unless `errno` is EINVAL or ENOTSUPP, where the kernel did nothing and leaves the input here. */
  readonly count: number
  /** 0; ENOENT after the last element of a look-up; ENOSPC if a hash bucket has more than `count`; else a failure. */
  readonly errno: number
  /** The exception for `errno`, if it is one to the caller. */
  error(): SyscallError
}

/** BPF_MAP_LOOKUP_BATCH. */
export function mapLookupBatch(sys: Sys, options: MapBatchOptions): MapBatchResult {
  return batch(sys, BpfCommand.MapLookupBatch, options)
}

/** BPF_MAP_LOOKUP_AND_DELETE_BATCH. */
export function mapLookupAndDeleteBatch(sys: Sys, options: MapBatchOptions): MapBatchResult {
  return batch(sys, BpfCommand.MapLookupAndDeleteBatch, options)
}

/** BPF_MAP_UPDATE_BATCH. Stops at the first element that fails. */
export function mapUpdateBatch(sys: Sys, options: MapBatchOptions): MapBatchResult {
  return batch(sys, BpfCommand.MapUpdateBatch, options)
}

/** BPF_MAP_DELETE_BATCH. Stops at the first element that fails. */
export function mapDeleteBatch(sys: Sys, options: MapBatchOptions): MapBatchResult {
  return batch(sys, BpfCommand.MapDeleteBatch, options)
}

function batch(sys: Sys, command: BpfCommand, { fd, ...rest }: MapBatchOptions): MapBatchResult {
  const answer = tryBpf(sys, command, mapBatch, { ...rest, mapFd: fd })
  return { count: answer.read().count, errno: answer.errno, error: answer.error }
}
