import { statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { minimiseFor, readObject } from '@bpf/object'
import { ExitCode, type Io, UsageError } from '@bpf/terminal'
import { readNaming, readObjectFile } from '../object-file'
import { makeOutputDirectory, writeOutput } from '../output-file'
import { readKernelBtf } from './kernel-btf'

export interface GenMinBtfInvocation {
  readonly positionals: readonly string[]
  readonly options: { readonly btf: readonly string[]; readonly output: string | undefined }
  readonly io: Io
}

export async function runGenMinBtf({ positionals, options, io }: GenMinBtfInvocation): Promise<number> {
  const { btf, output } = options
  if (positionals.length === 0) throw new UsageError('gen min-btf: name the objects whose relocations are to work')
  if (output === undefined) throw new UsageError('gen min-btf: name a file or directory to write to with -o')
  const isInDirectory = output.endsWith('/') || isDirectory(io.resolvePath(output))
  if (btf.length > 1 && !isInDirectory)
    throw new UsageError(`gen min-btf: ${output} is no directory, and there are several --btf`, `-o ${output}/ makes one`)
  const specs = positionals.map(path => {
    const file = readObjectFile(path, io)
    return readNaming(file, bytes => readObject(bytes, { name: file.name }))
  })
  if (isInDirectory) makeOutputDirectory(output, io)
  for (const path of btf.length > 0 ? btf : [undefined]) {
    const target = isInDirectory ? join(output, basename(path ?? 'vmlinux')) : output
    writeOutput(target, minimiseFor(specs, readKernelBtf(path, io)), io)
  }
  return ExitCode.Ok
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}
