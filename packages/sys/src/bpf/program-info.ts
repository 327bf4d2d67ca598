import type { ReadOf } from '../layout'
import type { Fd } from '../owned-fd'
import type { Sys } from '../sys'
import { progInfo as layout } from './info-layouts'
import { objGetInfo } from './object'

/** What to fetch besides the fixed fields; each costs a copy. */
export interface ProgInfoOptions {
  /** Instructions after the verifier's rewriting. Withheld from readers without CAP_SYS_ADMIN or CAP_PERFMON. */
  readonly xlated?: boolean
  /** Native code, the address and length of each function's part. Withheld while kallsyms hides addresses. */
  readonly jited?: boolean
  /** Function and line information. */
  readonly sourceInfo?: boolean
}

export interface ProgInfo {
  /** `ProgType`. */
  readonly type: number
  readonly id: number
  /** 8 bytes: the first of a SHA-1 over the instructions. */
  readonly tag: Uint8Array
  readonly name: string
  /** Nanoseconds since boot. */
  readonly loadTime: bigint
  readonly createdByUid: number
  readonly gplCompatible: boolean
  /** Of the device it was loaded for; 0 for none. */
  readonly ifindex: number
  readonly netnsDev: bigint
  readonly netnsIno: bigint
  readonly mapIds: readonly number[]
  readonly btfId: number
  readonly attachBtfObjId: number
  readonly attachBtfId: number
  /** Bytes. */
  readonly xlatedLength: number
  readonly jitedLength: number
  /** Instructions the verifier walked through (5.16). */
  readonly verifiedInsns: number
  /** Nanoseconds; counted while statistics are enabled (5.1). */
  readonly runTimeNs: bigint
  readonly runCount: bigint
  /** Runs that were skipped because the program was running on that CPU already (5.12). */
  readonly recursionMisses: bigint
  /** Present when asked for and not withheld. */
  readonly xlated: Uint8Array | undefined
  readonly jited: JitedCode | undefined
  readonly sourceInfo: ProgSourceInfo | undefined
}

export interface JitedCode {
  readonly code: Uint8Array
  /** In order: the main program, then its subprograms. */
  readonly functions: readonly { readonly address: bigint; readonly length: number }[]
}

export interface ProgSourceInfo {
  /** `struct bpf_func_info` records. */
  readonly funcInfo: Uint8Array
  readonly funcInfoRecSize: number
  /** `struct bpf_line_info` records. */
  readonly lineInfo: Uint8Array
  readonly lineInfoRecSize: number
  /** Addresses, one a line record; empty when withheld. */
  readonly jitedLineInfo: BigUint64Array
}

/** BPF_OBJ_GET_INFO_BY_FD of a program. @throws SyscallError */
export function getProgInfo(sys: Sys, fd: Fd, want: ProgInfoOptions = {}): ProgInfo {
  const sizes = objGetInfo(sys, fd, layout, {})
  const memory = prepare(sizes, want)
  const info = objGetInfo(sys, fd, layout, {
    nrMapIds: memory.mapIds.length,
    mapIds: memory.mapIds,
    ...(memory.xlated && { xlatedProgInsns: memory.xlated, xlatedProgLen: memory.xlated.byteLength }),
    ...(memory.jited && {
      jitedProgInsns: memory.jited,
      jitedProgLen: memory.jited.byteLength,
      jitedKsyms: memory.ksyms,
      nrJitedKsyms: memory.ksyms.length,
      jitedFuncLens: memory.funcLens,
      nrJitedFuncLens: memory.funcLens.length,
    }),
    ...(want.sourceInfo && {
      funcInfo: memory.funcInfo,
      nrFuncInfo: sizes.nrFuncInfo,
      funcInfoRecSize: sizes.funcInfoRecSize,
      lineInfo: memory.lineInfo,
      nrLineInfo: sizes.nrLineInfo,
      lineInfoRecSize: sizes.lineInfoRecSize,
      jitedLineInfo: memory.jitedLineInfo,
      nrJitedLineInfo: memory.jitedLineInfo.length,
      jitedLineInfoRecSize: sizes.jitedLineInfoRecSize,
    }),
  })
  return { ...fixedFields(info, memory.mapIds), ...fetched(info, memory, want) }
}

type Raw = ReadOf<typeof layout>
type Memory = ReturnType<typeof prepare>

function prepare(sizes: Raw, want: ProgInfoOptions) {
  return {
    mapIds: new Uint32Array(sizes.nrMapIds),
    xlated: want.xlated ? new Uint8Array(sizes.xlatedProgLen) : undefined,
    jited: want.jited ? new Uint8Array(sizes.jitedProgLen) : undefined,
    ksyms: new BigUint64Array(sizes.nrJitedKsyms),
    funcLens: new Uint32Array(sizes.nrJitedFuncLens),
    funcInfo: new Uint8Array(sizes.nrFuncInfo * sizes.funcInfoRecSize),
    lineInfo: new Uint8Array(sizes.nrLineInfo * sizes.lineInfoRecSize),
    jitedLineInfo: new BigUint64Array(sizes.nrJitedLineInfo),
  }
}

function fixedFields(info: Raw, mapIds: Uint32Array) {
  return {
    type: info.type,
    id: info.id,
    tag: info.tag,
    name: info.name,
    loadTime: info.loadTime,
    createdByUid: info.createdByUid,
    gplCompatible: (info.gplCompatible & 1) === 1,
    ifindex: info.ifindex,
    netnsDev: info.netnsDev,
    netnsIno: info.netnsIno,
    mapIds: [...mapIds],
    btfId: info.btfId,
    attachBtfObjId: info.attachBtfObjId,
    attachBtfId: info.attachBtfId,
    xlatedLength: info.xlatedProgLen,
    jitedLength: info.jitedProgLen,
    verifiedInsns: info.verifiedInsns,
    runTimeNs: info.runTimeNs,
    runCount: info.runCnt,
    recursionMisses: info.recursionMisses,
  }
}

/** The kernel clears the pointer, or the count, of what the reader may not see. */
function fetched(info: Raw, memory: Memory, want: ProgInfoOptions): Pick<ProgInfo, 'xlated' | 'jited' | 'sourceInfo'> {
  const jitedVisible = memory.jited !== undefined && info.jitedProgInsns !== 0n && info.jitedProgLen !== 0
  return {
    xlated: info.xlatedProgInsns === 0n ? undefined : memory.xlated,
    jited: jitedVisible && memory.jited ? { code: memory.jited, functions: functionsOf(info, memory) } : undefined,
    sourceInfo:
      want.sourceInfo && info.nrLineInfo + info.nrFuncInfo > 0
        ? {
            funcInfo: memory.funcInfo,
            funcInfoRecSize: info.funcInfoRecSize,
            lineInfo: memory.lineInfo,
            lineInfoRecSize: info.lineInfoRecSize,
            jitedLineInfo: info.jitedLineInfo === 0n ? new BigUint64Array() : memory.jitedLineInfo,
          }
        : undefined,
  }
}

function functionsOf(info: Raw, { ksyms, funcLens }: Memory): JitedCode['functions'] {
  return [...funcLens].map((length, i) => ({ address: info.jitedKsyms === 0n ? 0n : (ksyms[i] ?? 0n), length }))
}
