import { BpfCommand } from '../constants/command'
import type { Fd } from '../owned-fd'
import type { Sys } from '../sys'
import { progStreamRead as layout } from './attr-layouts'
import { bpf } from './call'

export interface StreamReadOptions {
  readonly progFd: Fd
  /** `Stream`. */
  readonly stream: number
  /** Filled from the start. */
  readonly buffer: Uint8Array
}

/** BPF_PROG_STREAM_READ_BY_FD: takes text a program printed to its streams; returns the bytes, 0 when there is none (6.17). @throws SyscallError */
export function progStreamRead(sys: Sys, { progFd, stream, buffer }: StreamReadOptions): number {
  const values = { streamBuf: buffer, streamBufLen: buffer.byteLength, streamId: stream, progFd }
  return bpf(sys, BpfCommand.ProgStreamReadByFd, layout, values).result
}
