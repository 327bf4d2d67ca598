import { type Btf, parseBtf } from '@bpf/btf'
import { getBtfBytes, getBtfInfo, openById, type Sys } from '@bpf/sys'

/**
 * BTF that is loaded, by id: of a program, a map, a module. That of a module goes on from `vmlinux`.
 *
 * @throws SyscallError, BtfError
 */
export function readLoadedBtf(sys: Sys, id: number, vmlinux?: () => Btf | undefined): Btf {
  using object = openById(sys, 'btf', id)
  const { kernel, name } = getBtfInfo(sys, object.fd)
  const base = kernel && name !== 'vmlinux' ? vmlinux?.() : undefined
  return parseBtf(getBtfBytes(sys, object.fd), { base, context: `BTF ${id}` })
}
