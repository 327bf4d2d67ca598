import { nearNames } from '@bpf/bytes'
import { ElfError, type ElfFile, ElfMachine, listFunctions, parseElf, readMiniDebugInfo, readUsdtProbes } from '@bpf/elf'
import { readObject } from '@bpf/object'
import type { Io, OptionValues } from '@bpf/terminal'
import { ExitCode, toJson } from '@bpf/terminal'
import { readNaming, readObjectFile } from '../object-file'
import { inspectElf } from './elf-document'
import { inspectObject, type ObjectDocument } from './object-document'
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
    else printObject(document, { relocations: options.relocations || options.match !== undefined }, io)
    if (document.relocations.length + document.core.length === 0) noteNoMatch(options, () => namesIn(inspectObject(spec)), io)
    for (const warning of spec.warnings) io.note(io.style('yellow', `warning: ${warning}`))
  } else {
    const shown = whatToList(options)
    const debugFile = compressedSymbols(elf, io)
    const document = readNaming(file, () => inspectElf(file, elf, { ...shown, match: options.match, debugFile }))
    if (options.json) io.out(toJson(document))
    else printElf(document, shown, io)
    const found = (shown.functions ? document.functionCount : 0) + (shown.usdt ? document.usdt.length : 0)
    if (found === 0) noteNoMatch(options, () => namesInElf(elf, debugFile), io)
  }
  return ExitCode.Ok
}

/** Who looks for a name wants to see what bears it. */
function whatToList({ functions, usdt, match }: InspectOptions): { readonly functions: boolean; readonly usdt: boolean } {
  return match === undefined || functions || usdt ? { functions, usdt } : { functions: true, usdt: true }
}

function noteNoMatch({ match }: InspectOptions, names: () => readonly string[], io: Io): void {
  if (match === undefined) return
  const near = nearNames(match, new Set(names()))
  io.note(io.style('yellow', `nothing matches "${match}"`))
  if (near.length > 0) io.note(`  ${io.style('cyan', 'hint:')} did you mean ${near.join(' or ')}?`)
}

function namesIn({ relocations, core }: ObjectDocument): string[] {
  return [...relocations.map(({ to }) => to), ...core.map(({ path }) => path)]
}

/** What cannot be read of them is no reason to show nothing. */
function compressedSymbols(elf: ElfFile, io: Io): ElfFile | undefined {
  try {
    return readMiniDebugInfo(elf)
  } catch (error) {
    if (!(error instanceof ElfError)) throw error
    io.note(io.style('yellow', `warning: ${error.message}`))
    return undefined
  }
}

function namesInElf(elf: ElfFile, debugFile: ElfFile | undefined): string[] {
  const functions = listFunctions(elf, () => true, { debugFile })
  return [...functions.map(({ name }) => name), ...readUsdtProbes(elf).map(({ provider, name }) => `${provider}:${name}`)]
}
