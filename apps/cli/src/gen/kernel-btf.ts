import { type Btf, parseBtf } from '@bpf/btf'
import type { Io } from '@bpf/terminal'
import { readFileNaming, readNaming } from '../object-file'
import { btfOf, vmlinuxFile } from '../target'

/** Types of a kernel: raw BTF or an ELF file that has it; of this kernel where no file is named. @throws BpfError, UsageError */
export function readKernelBtf(path: string | undefined, io: Io): Btf {
  const named = path ?? vmlinuxFile
  const bytes = btfOf(readFileNaming(named, io))
  return readNaming({ bytes, path: named, name: named }, raw => parseBtf(raw))
}
