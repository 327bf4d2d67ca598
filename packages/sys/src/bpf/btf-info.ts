import { decodeCString } from '@bpf/bytes'
import { Errno } from '../errno'
import type { Fd } from '../owned-fd'
import type { Sys } from '../sys'
import { isSyscallError } from '../syscall-error'
import { btfInfo as layout } from './info-layouts'
import { objGetInfo } from './object'

export interface BtfInfo {
  readonly id: number
  /** `vmlinux` or a module's name; empty for BTF that a process loaded. */
  readonly name: string
  /** Of vmlinux or a module. */
  readonly kernel: boolean
  /** Bytes. */
  readonly size: number
}

const nameRoom = 64

/** BPF_OBJ_GET_INFO_BY_FD of BTF. Name and origin since 5.11: before, the name is empty. @throws SyscallError */
export function getBtfInfo(sys: Sys, fd: Fd): BtfInfo {
  const name = new Uint8Array(nameRoom)
  const { id, btfSize, kernelBtf } = readInfo(sys, fd, name)
  return { id, name: decodeCString(name), kernel: kernelBtf !== 0, size: btfSize }
}

function readInfo(sys: Sys, fd: Fd, name: Uint8Array) {
  try {
    return objGetInfo(sys, fd, layout, { name, nameLen: name.byteLength })
  } catch (error) {
    // Kernels that know no names do not like to be given room for one.
    if (!isSyscallError(error, Errno.E2BIG)) throw error
    return objGetInfo(sys, fd, layout, {})
  }
}

/** The BTF itself; of a module, only what it adds to vmlinux. @throws SyscallError */
export function getBtfBytes(sys: Sys, fd: Fd): Uint8Array {
  const btf = new Uint8Array(objGetInfo(sys, fd, layout, {}).btfSize)
  objGetInfo(sys, fd, layout, { btf, btfSize: btf.byteLength })
  return btf
}
