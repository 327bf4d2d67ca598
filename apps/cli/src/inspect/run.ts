import { ElfMachine, parseElf } from '@bpf/elf'
import { readObject } from '@bpf/object'
import type { Io, OptionValues } from '@bpf/terminal'
import { ExitCode, toJson } from '@bpf/terminal'
import { readNaming, readObjectFile } from '../object-file'
import { inspectElf } from './elf-document'
import { inspectObject } from './object-document'
import { printElf } from './print-elf'
import { printObject } from './print-object'

export type InspectOptions = OptionValues<{
  relocations: { type: 'boolean'; description: string }
  functions: { type: 'boolean'; description: string }
  usdt: { type: 'boolean'; description: string }
  match: { type: 'string'; description: string }
  json: { type: 'boolean'; description: string }
}>

export interface InspectInvocation {
  readonly positionals: readonly string[]
  readonly options: InspectOptions
  readonly io: Io
}

export async function runInspect({ positionals, options, io }: InspectInvocation): Promise<number> {
  const file = readObjectFile(positionals[0], io)
  const elf = readNaming(file, parseElf)
  if (elf.header.machine === ElfMachine.Bpf) {
    const spec = readNaming(file, bytes => readObject(bytes, { name: file.name }))
    const document = inspectObject(spec, options.match)
    if (options.json) io.out(toJson(document))
    else printObject(document, options, io)
    for (const warning of spec.warnings) io.note(io.style('yellow', `warning: ${warning}`))
  } else {
    const document = readNaming(file, () => inspectElf(file, elf, options))
    if (options.json) io.out(toJson(document))
    else printElf(document, options, io)
  }
  return ExitCode.Ok
}
