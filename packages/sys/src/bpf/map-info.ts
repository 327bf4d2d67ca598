import type { Fd } from '../owned-fd'
import type { Sys } from '../sys'
import { mapInfo as layout } from './info-layouts'
import { objGetInfo } from './object'

export interface MapInfo {
  /** `MapType`. */
  readonly type: number
  readonly id: number
  readonly name: string
  /** Bytes. */
  readonly keySize: number
  /** Bytes; of one CPU for per-CPU maps. */
  readonly valueSize: number
  readonly maxEntries: number
  /** `MapFlag`. */
  readonly flags: number
  readonly mapExtra: bigint
  /** Of the device it was created for; 0 for none. */
  readonly ifindex: number
  readonly netnsDev: bigint
  readonly netnsIno: bigint
  readonly btfId: number
  readonly btfKeyTypeId: number
  readonly btfValueTypeId: number
  /** struct_ops: the kernel's type, in vmlinux or in the BTF object `btfVmlinuxId`. */
  readonly btfVmlinuxValueTypeId: number
  readonly btfVmlinuxId: number
}

/** BPF_OBJ_GET_INFO_BY_FD of a map. @throws SyscallError */
export function getMapInfo(sys: Sys, fd: Fd): MapInfo {
  const { mapFlags, hash, hashSize, ...info } = objGetInfo(sys, fd, layout, {})
  return { ...info, flags: mapFlags }
}

/** SHA-256 over a frozen map's contents, which signed loaders check (6.18). @throws SyscallError */
export function getMapHash(sys: Sys, fd: Fd): Uint8Array {
  const hash = new Uint8Array(32)
  objGetInfo(sys, fd, layout, { hash, hashSize: hash.byteLength })
  return hash
}
