import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { BpfError } from '@bpf/bytes'
import { fileTarget, readObject } from '@bpf/object'
import { ExitCode, type Io, toJson } from '@bpf/terminal'
import { type BtfFile, findBtfFiles, readBtfFile } from './btf-files'
import { checkObject } from './check'
import { formatCompat, type KernelVerdict } from './report'

export interface CompatOptions {
  readonly btf: string
  readonly json: boolean
}

/** Says for each kernel whose BTF is there which programs of the object would fail. */
export function runCompat(path: string, { btf, json }: CompatOptions, io: Io): number {
  const bytes = readFile(path, io)
  const verdicts = findBtfFiles(io.resolvePath(btf)).map(file => checkOn(bytes, path, file, io))
  if (json) io.out(toJson({ object: basename(path), kernels: verdicts }))
  else for (const line of formatCompat(verdicts, io.style)) io.out(line)
  return verdicts.every(({ programs }) => programs.every(({ status }) => status === 'loads')) ? ExitCode.Ok : ExitCode.Failed
}

/** Newer than any feature that a plan asks for, so that what is not known is not counted as missing. */
const unknownVersion = '99.0'

function checkOn(bytes: Uint8Array, path: string, file: BtfFile, io: Io): KernelVerdict {
  if (file.version === undefined) {
    io.note(
      `${io.style('yellow', '!')} ${file.name} names no kernel version: features are taken to be there (name it 6.1.btf, for example)`,
    )
  }
  const spec = readObject(bytes, { name: basename(path).split('.')[0] || 'object' })
  const target = fileTarget({ vmlinux: readBtfFile(file), version: file.version ?? unknownVersion, description: file.name })
  return { kernel: file.name, btf: file.path, programs: checkObject(spec, target) }
}

function readFile(path: string, io: Io): Uint8Array {
  try {
    return readFileSync(io.resolvePath(path))
  } catch (cause) {
    throw new BpfError('ERR_BPF_FILE', `${path} cannot be read`, { cause })
  }
}
