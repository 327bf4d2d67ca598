import { BpfCommand } from '../constants/command'
import type { FieldsOf } from '../layout'
import type { Fd, OwnedFd } from '../owned-fd'
import type { Sys } from '../sys'
import { mapCreate as layout, mapElement } from './attr-layouts'
import { bpf, bpfFd } from './call'

export interface MapCreateOptions {
  /** `MapType`. */
  readonly type: number
  /** Bytes. */
  readonly keySize?: number
  /** Bytes. */
  readonly valueSize?: number
  readonly maxEntries?: number
  /** `MapFlag`. */
  readonly flags?: number
  /** At most 15 bytes (4.15). */
  readonly name?: string | undefined
  /** Template of a map-in-map. */
  readonly innerMapFd?: Fd | undefined
  /** With `MapFlag.NumaNode`. */
  readonly numaNode?: number
  /** Offload to this device. */
  readonly ifindex?: number
  readonly btfFd?: Fd | undefined
  readonly btfKeyTypeId?: number
  readonly btfValueTypeId?: number
  /** struct_ops: the kernel's type of the value, in vmlinux or in the BTF of `valueTypeBtfObjFd`. */
  readonly btfVmlinuxValueTypeId?: number
  readonly valueTypeBtfObjFd?: Fd | undefined
  readonly mapExtra?: bigint
  /** With `MapFlag.TokenFd`. */
  readonly tokenFd?: Fd | undefined
  /** SHA-256 of the only program that may use the map (6.18). */
  readonly exclProgHash?: Uint8Array | undefined
  /** A buffer for the reason of a failure (7.2); older kernels refuse the call with EINVAL. */
  readonly log?: { readonly buffer: Uint8Array; readonly level: number } | undefined
}

/** BPF_MAP_CREATE. @throws SyscallError */
export function mapCreate(sys: Sys, options: MapCreateOptions): OwnedFd {
  const { log, exclProgHash } = options
  const values: FieldsOf<typeof layout> = {
    mapType: options.type,
    keySize: options.keySize,
    valueSize: options.valueSize,
    maxEntries: options.maxEntries,
    mapFlags: options.flags,
    innerMapFd: options.innerMapFd,
    numaNode: options.numaNode,
    mapName: options.name,
    mapIfindex: options.ifindex,
    btfFd: options.btfFd,
    btfKeyTypeId: options.btfKeyTypeId,
    btfValueTypeId: options.btfValueTypeId,
    btfVmlinuxValueTypeId: options.btfVmlinuxValueTypeId,
    mapExtra: options.mapExtra,
    valueTypeBtfObjFd: options.valueTypeBtfObjFd,
    mapTokenFd: options.tokenFd,
    exclProgHash,
    exclProgHashSize: exclProgHash?.byteLength,
  }
  const common = log && { logBuf: log.buffer, logSize: log.buffer.byteLength, logLevel: log.level }
  return bpfFd(sys, BpfCommand.MapCreate, layout, values, `map ${JSON.stringify(options.name ?? '')}`, common ? { common } : {})
}

/** BPF_MAP_FREEZE: no more writes from user space. @throws SyscallError */
export function mapFreeze(sys: Sys, fd: Fd): void {
  bpf(sys, BpfCommand.MapFreeze, mapElement, { mapFd: fd })
}
