import { decodeCString } from '@bpf/bytes'
import { BpfCommand } from '../constants/command'
import type { FieldsOf } from '../layout'
import { type Fd, OwnedFd } from '../owned-fd'
import type { Sys } from '../sys'
import { progBindMap as bindLayout, progLoad as layout, progAssocStructOps as structOpsLayout } from './attr-layouts'
import { bpf, type Reply, tryBpf, tryBpfAsync } from './call'
import { type LoadLog, LoadRefusedError } from './load-log'

export interface ProgLoadOptions {
  /** `ProgType`. */
  readonly type: number
  /** `struct bpf_insn` records, 8 bytes each. */
  readonly insns: Uint8Array
  readonly license: string
  /** At most 15 bytes (4.15). */
  readonly name?: string | undefined
  /** `ProgFlag`. */
  readonly flags?: number
  /** KERNEL_VERSION(a, b, c); kernels before 5.0 check it for kprobes. */
  readonly kernVersion?: number
  /** `AttachType` (4.17). */
  readonly expectedAttachType?: number
  /** Load for this device: offload, or metadata with `ProgFlag.XdpDevBoundOnly`. */
  readonly ifindex?: number
  /** Written by the verifier as text that ends in NUL. Bytes beyond are left alone. */
  readonly log?: ProgramLog | undefined
  readonly btfFd?: Fd | undefined
  /** `struct bpf_func_info` records of `funcInfoRecSize` bytes. */
  readonly funcInfo?: Uint8Array | undefined
  readonly funcInfoRecSize?: number
  /** `struct bpf_line_info` records of `lineInfoRecSize` bytes. */
  readonly lineInfo?: Uint8Array | undefined
  readonly lineInfoRecSize?: number
  readonly attachBtfId?: number
  /** freplace: the program to extend. Otherwise the module's BTF descriptor; 0 for vmlinux. */
  readonly attachProgFd?: Fd | undefined
  readonly attachBtfObjFd?: Fd | undefined
  /** `struct bpf_core_relo` records, resolved by the kernel (5.17). */
  readonly coreRelos?: Uint8Array | undefined
  readonly coreReloRecSize?: number
  /** Descriptors that instructions refer to by index (5.14). */
  readonly fdArray?: Int32Array | undefined
  /** Announce the length of `fdArray`, which binds every map in it to the program (6.14). */
  readonly bindFdArray?: boolean
  /** With `ProgFlag.TokenFd`. */
  readonly tokenFd?: Fd | undefined
  /** PKCS#7 signature of the instructions (6.18). */
  readonly signature?: Uint8Array | undefined
  readonly keyringId?: number
}

export interface ProgramLog {
  /** The verifier wants at least 128 bytes. */
  readonly buffer: Uint8Array
  /** `LogLevel`s added up; not 0. */
  readonly level: number
}

export interface LoadedProgram extends LoadLog {
  readonly fd: OwnedFd
}

/** The kernel refused a program. `errno` ENOSPC with a log means: the buffer was too small, the program may be fine. */
export class ProgLoadError extends LoadRefusedError {
  override readonly name = 'ProgLoadError'
}

/** BPF_PROG_LOAD, asked again when the kernel says EAGAIN. @throws ProgLoadError */
export function progLoad(sys: Sys, options: ProgLoadOptions): LoadedProgram {
  return finish(sys, options, tryBpf(sys, BpfCommand.ProgLoad, layout, valuesOf(options), readsOf(options)))
}

/** `progLoad` without blocking this thread, for programs that take the verifier seconds. @throws ProgLoadError */
export async function progLoadAsync(sys: Sys, options: ProgLoadOptions): Promise<LoadedProgram> {
  return finish(sys, options, await tryBpfAsync(sys, BpfCommand.ProgLoad, layout, valuesOf(options), readsOf(options)))
}

function valuesOf(options: ProgLoadOptions): FieldsOf<typeof layout> {
  const { insns, log, funcInfo, lineInfo, coreRelos, fdArray, signature } = options
  const { funcInfoRecSize = 8, lineInfoRecSize = 16, coreReloRecSize = 16 } = options
  return {
    progType: options.type,
    insnCnt: insns.byteLength / 8,
    insns,
    license: options.license,
    logLevel: log?.level,
    logSize: log?.buffer.byteLength,
    logBuf: log?.buffer,
    kernVersion: options.kernVersion,
    progFlags: options.flags,
    progName: options.name,
    progIfindex: options.ifindex,
    expectedAttachType: options.expectedAttachType,
    progBtfFd: options.btfFd,
    ...(funcInfo?.byteLength ? { funcInfo, funcInfoRecSize, funcInfoCnt: funcInfo.byteLength / funcInfoRecSize } : {}),
    ...(lineInfo?.byteLength ? { lineInfo, lineInfoRecSize, lineInfoCnt: lineInfo.byteLength / lineInfoRecSize } : {}),
    attachBtfId: options.attachBtfId,
    attachProgFd: options.attachProgFd ?? options.attachBtfObjFd,
    ...(coreRelos?.byteLength ? { coreRelos, coreReloRecSize, coreReloCnt: coreRelos.byteLength / coreReloRecSize } : {}),
    fdArray,
    fdArrayCnt: options.bindFdArray ? fdArray?.length : undefined,
    progTokenFd: options.tokenFd,
    signature,
    signatureSize: signature?.byteLength,
    keyringId: options.keyringId,
  }
}

function readsOf(options: ProgLoadOptions): { readonly reads: readonly 'logTrueSize'[] } {
  return { reads: options.log ? ['logTrueSize'] : [] }
}

function finish(sys: Sys, { name, log: given }: ProgLoadOptions, answer: Reply<typeof layout>): LoadedProgram {
  const log = given === undefined ? '' : decodeCString(given.buffer)
  const logTrueSize = given === undefined ? 0 : answer.read().logTrueSize
  if (answer.errno !== 0) throw new ProgLoadError(answer.error(), log, logTrueSize)
  return { fd: new OwnedFd(sys, answer.result, `program ${JSON.stringify(name ?? '')}`), log, logTrueSize }
}

/** BPF_PROG_BIND_MAP: the map lives as long as the program, though no instruction names it (5.10). @throws SyscallError */
export function progBindMap(sys: Sys, options: { readonly progFd: Fd; readonly mapFd: Fd; readonly flags?: number }): void {
  bpf(sys, BpfCommand.ProgBindMap, bindLayout, options)
}

/** BPF_PROG_ASSOC_STRUCT_OPS: the struct_ops map whose functions a program's kfuncs act for (7.0). @throws SyscallError */
export function progAssocStructOps(sys: Sys, options: { readonly progFd: Fd; readonly mapFd: Fd; readonly flags?: number }): void {
  bpf(sys, BpfCommand.ProgAssocStructOps, structOpsLayout, options)
}
