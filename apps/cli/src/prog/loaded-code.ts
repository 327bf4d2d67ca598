import { BpfError } from '@bpf/bytes'
import { type Fd, getProgInfo, type ProgInfo } from '@bpf/sys'
import type { KernelContext } from '../context'
import { type LoadedSource, readLoadedSource } from './loaded-source'

/** A program of the kernel: its code after the verifier's rewriting, and its source. */
export interface LoadedCode {
  readonly info: ProgInfo
  readonly code: Uint8Array
  readonly source: LoadedSource | undefined
}

/** @throws BpfError ERR_BPF_PERMISSION, SyscallError */
export function readLoadedCode(context: KernelContext, fd: Fd): LoadedCode {
  const info = getProgInfo(context.sys, fd, { xlated: true, sourceInfo: true })
  if (info.xlated === undefined) throw withheld('the instructions')
  return { info, code: info.xlated, source: readLoadedSource(context, info) }
}

export function withheld(what: string): BpfError {
  return new BpfError('ERR_BPF_PERMISSION', `the kernel does not show ${what} to this user`, {
    hint: 'it takes CAP_SYS_ADMIN or CAP_PERFMON, and for native code that net.core.bpf_jit_enable is on',
  })
}
