import { BpfCommand } from '../constants/command'
import { Errno } from '../errno'
import type { Fd, OwnedFd } from '../owned-fd'
import type { Sys } from '../sys'
import { isSyscallError } from '../syscall-error'
import { getId } from './attr-layouts'
import { bpfFd, tryBpf } from './call'

/** Kinds of objects that the kernel numbers. */
export type ObjectKind = 'prog' | 'map' | 'btf' | 'link'

const commands: Readonly<Record<ObjectKind, { readonly next: BpfCommand; readonly open: BpfCommand; readonly noun: string }>> = {
  prog: { next: BpfCommand.ProgGetNextId, open: BpfCommand.ProgGetFdById, noun: 'program' },
  map: { next: BpfCommand.MapGetNextId, open: BpfCommand.MapGetFdById, noun: 'map' },
  btf: { next: BpfCommand.BtfGetNextId, open: BpfCommand.BtfGetFdById, noun: 'BTF' },
  link: { next: BpfCommand.LinkGetNextId, open: BpfCommand.LinkGetFdById, noun: 'link' },
}

/** BPF_*_GET_NEXT_ID: the smallest id above `after`; undefined after the last. @throws SyscallError */
export function nextId(sys: Sys, kind: ObjectKind, after: number): number | undefined {
  const answer = tryBpf(sys, commands[kind].next, getId, { id: after }, { reads: ['nextId'] })
  if (answer.errno === Errno.ENOENT) return undefined
  if (answer.errno !== 0) throw answer.error()
  return answer.read().nextId
}

/** Every id of a kind, ascending. Objects may come and go meanwhile. @throws SyscallError */
export function* ids(sys: Sys, kind: ObjectKind): Generator<number> {
  for (let id = nextId(sys, kind, 0); id !== undefined; id = nextId(sys, kind, id)) yield id
}

export interface OpenByIdOptions {
  /** Maps: `MapFlag.Rdonly` or `MapFlag.Wronly`. Others: `MapFlag.TokenFd`. */
  readonly flags?: number
  /** 6.15. */
  readonly tokenFd?: Fd | undefined
}

/** BPF_*_GET_FD_BY_ID; ENOENT if it is gone. @throws SyscallError */
export function openById(sys: Sys, kind: ObjectKind, id: number, options: OpenByIdOptions = {}): OwnedFd {
  const { open, noun } = commands[kind]
  return bpfFd(sys, open, getId, { id, openFlags: options.flags, fdByIdTokenFd: options.tokenFd }, `${noun} ${id}`)
}

/** `openById`, but undefined if the object is gone. @throws SyscallError */
export function tryOpenById(sys: Sys, kind: ObjectKind, id: number, options: OpenByIdOptions = {}): OwnedFd | undefined {
  try {
    return openById(sys, kind, id, options)
  } catch (error) {
    if (isSyscallError(error, Errno.ENOENT)) return undefined
    throw error
  }
}
