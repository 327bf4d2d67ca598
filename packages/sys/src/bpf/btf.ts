import { decodeCString } from '@bpf/bytes'
import { BpfCommand } from '../constants/command'
import { type Fd, OwnedFd } from '../owned-fd'
import type { Sys } from '../sys'
import { btfLoad as layout } from './attr-layouts'
import { tryBpf } from './call'
import { type LoadLog, LoadRefusedError } from './load-log'

export interface BtfLoadOptions {
  readonly btf: Uint8Array
  readonly log?: { readonly buffer: Uint8Array; readonly level: number } | undefined
  /** `MapFlag.TokenFd`. */
  readonly flags?: number
  readonly tokenFd?: Fd | undefined
}

export interface LoadedBtf extends LoadLog {
  readonly fd: OwnedFd
}

/** The kernel refused a BTF blob. */
export class BtfLoadError extends LoadRefusedError {
  override readonly name = 'BtfLoadError'
}

/** BPF_BTF_LOAD. @throws BtfLoadError */
export function btfLoad(sys: Sys, { btf, log, flags, tokenFd }: BtfLoadOptions): LoadedBtf {
  const answer = tryBpf(
    sys,
    BpfCommand.BtfLoad,
    layout,
    {
      btf,
      btfSize: btf.byteLength,
      btfLogBuf: log?.buffer,
      btfLogSize: log?.buffer.byteLength,
      btfLogLevel: log?.level,
      btfFlags: flags,
      btfTokenFd: tokenFd,
    },
    { reads: log ? ['btfLogTrueSize'] : [] },
  )
  const text = log === undefined ? '' : decodeCString(log.buffer)
  const { btfLogTrueSize } = answer.read()
  if (answer.errno !== 0) throw new BtfLoadError(answer.error(), text, btfLogTrueSize)
  return { fd: new OwnedFd(sys, answer.result, 'BTF'), log: text, logTrueSize: btfLogTrueSize }
}
