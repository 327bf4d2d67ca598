import { dumpC } from '@bpf/btf'
import { ExitCode, type Io } from '@bpf/terminal'
import { printOrWrite } from '../output-file'
import { readKernelBtf } from './kernel-btf'

export interface GenVmlinuxInvocation {
  readonly options: { readonly btf: string | undefined; readonly output: string | undefined }
  readonly io: Io
}

export async function runGenVmlinux({ options, io }: GenVmlinuxInvocation): Promise<number> {
  printOrWrite(options.output, dumpC(readKernelBtf(options.btf, io)), io)
  return ExitCode.Ok
}
