import { BpfCommand } from '../constants/command'
import { MapFlag } from '../constants/flags'
import { decodeFields, encodeFields, type FieldsOf, type Layout, type ReadOf } from '../layout'
import type { Fd, OwnedFd } from '../owned-fd'
import type { Sys } from '../sys'
import { objInfo, objPath } from './attr-layouts'
import { bpf, bpfFd } from './call'

/** A path on a bpf file system; relative to `pathFd` if given (6.5), else to the working directory. */
export interface PinPath {
  readonly path: string
  readonly pathFd?: Fd | undefined
}

/** BPF_OBJ_PIN: the object lives until its last pin is unlinked. @throws SyscallError */
export function objPin(sys: Sys, fd: Fd, { path, pathFd }: PinPath): void {
  bpf(sys, BpfCommand.ObjPin, objPath, { pathname: path, bpfFd: fd, ...relativeTo(pathFd, 0) })
}

/** BPF_OBJ_GET: opens what is pinned. `flags`: `MapFlag.Rdonly` or `MapFlag.Wronly`, for maps. @throws SyscallError */
export function objGet(sys: Sys, { path, pathFd, flags = 0 }: PinPath & { readonly flags?: number }): OwnedFd {
  return bpfFd(sys, BpfCommand.ObjGet, objPath, { pathname: path, ...relativeTo(pathFd, flags) }, `pin ${path}`)
}

function relativeTo(pathFd: Fd | undefined, flags: number): { pathFd?: number; fileFlags: number } {
  return pathFd === undefined ? { fileFlags: flags } : { pathFd, fileFlags: flags | MapFlag.PathFd }
}

/**
 * BPF_OBJ_GET_INFO_BY_FD: fills the structure laid out by `table`, whose pointers and counts are inputs as well as outputs.
 * Kernels that know fewer fields leave the rest zero. @throws SyscallError
 */
export function objGetInfo<L extends Layout>(sys: Sys, fd: Fd, table: L, request: FieldsOf<L>): ReadOf<L> {
  // Whole u64 words: kernels refuse a structure whose unknown tail is not zero, and this one is.
  const info = new Uint8Array(Math.ceil(table.size / 8) * 8)
  const keep: unknown[] = []
  encodeFields(table, info, request, memory => sys.native.address(memory), keep)
  const answer = bpf(sys, BpfCommand.ObjGetInfoByFd, objInfo, { bpfFd: fd, infoLen: info.byteLength, info }, { reads: ['infoLen'], keep })
  return decodeFields(table, info.subarray(0, answer.read().infoLen))
}
