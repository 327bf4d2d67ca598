import { BpfError, decodeCString } from '@bpf/bytes'
import { type Fd, ids, infoLayouts, type OwnedFd, objGetInfo, type Sys, tryOpenById } from '@bpf/sys'

const longestModuleName = 64

/** A descriptor of a loaded module's BTF, for calls and types that live there. @throws BpfError if there is none */
export function openModuleBtf(sys: Sys, module: string): OwnedFd {
  for (const id of ids(sys, 'btf')) {
    const fd = tryOpenById(sys, 'btf', id)
    if (fd === undefined) continue
    if (nameOfBtf(sys, fd.fd) === module) return fd
    fd.close()
  }
  throw new BpfError('ERR_BPF_MODULE_BTF', `the kernel holds no BTF of module ${module}`, { hint: `load the module: modprobe ${module}` })
}

function nameOfBtf(sys: Sys, fd: Fd): string {
  const name = new Uint8Array(longestModuleName)
  objGetInfo(sys, fd, infoLayouts.btfInfo, { name, nameLen: name.byteLength })
  return decodeCString(name)
}
