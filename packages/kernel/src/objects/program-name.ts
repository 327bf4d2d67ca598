import { type Fd, getProgInfo, isSyscallError, type Sys } from '@bpf/sys'
import { readLoadedBtf } from './btf'

/** A program's whole name: that of its first function in BTF, else the 15 bytes that the kernel keeps. @throws SyscallError */
export function fullProgramName(sys: Sys, fd: Fd): string {
  const { name, btfId, sourceInfo } = getProgInfo(sys, fd, { sourceInfo: true })
  if (btfId === 0 || sourceInfo === undefined || sourceInfo.funcInfo.byteLength < 8) return name
  const { buffer, byteOffset, byteLength } = sourceInfo.funcInfo
  // struct bpf_func_info { __u32 insn_off; __u32 type_id; }
  const typeId = new DataView(buffer, byteOffset, byteLength).getUint32(4, true)
  try {
    return readLoadedBtf(sys, btfId).nameOf(typeId) || name
  } catch (error) {
    // Reading BTF by id takes CAP_SYS_ADMIN, which who holds a descriptor need not have.
    if (isSyscallError(error)) return name
    throw error
  }
}
