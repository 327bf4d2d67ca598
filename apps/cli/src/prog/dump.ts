import type { Fd } from '@bpf/sys'
import { ExitCode, type Io, type OptionValues, toJson, UsageError } from '@bpf/terminal'
import { type KernelContext, withKernel } from '../context'
import { dotOf, svgOf } from '../disasm/graph'
import type { Listing } from '../disasm/listing'
import { listingDocument, printListing } from '../disasm/print'
import { writeOutput } from '../output-file'
import { openOne, takeSelector } from '../selector'
import { bpftoolCode } from './bpftool-code'
import { type LoadedCode, readLoadedCode, withheld } from './loaded-code'
import { calledSymbols, loadedListing } from './loaded-listing'
import { type NativeFunction, nativeFunctions } from './native-functions'
import { printNative } from './print-native'

type DumpOptions = OptionValues<{
  opcodes: { type: 'boolean'; description: string }
  linum: { type: 'boolean'; description: string }
  cfg: { type: 'boolean'; description: string }
  visual: { type: 'boolean'; description: string }
  svg: { type: 'boolean'; description: string }
  file: { type: 'string'; description: string }
  json: { type: 'boolean'; description: string }
  'bpftool-json': { type: 'boolean'; description: string }
}>

interface Invocation {
  readonly positionals: readonly string[]
  readonly options: DumpOptions
  readonly io: Io
}

/** Each prints something of its own. */
const forms = ['cfg', 'visual', 'svg', 'file', 'json', 'bpftool-json'] as const
/** What there is of native code. */
const nativeForms: ReadonlySet<string> = new Set<(typeof forms)[number]>(['file', 'json'])

/** `bpf prog dump [xlated|jited] SELECTOR`: bpftool's order of words. */
export function runProgDump({ positionals, options: given, io }: Invocation): Promise<number> {
  const [form, ...others] = positionals
  const isNative = form === 'jited'
  const { selector, rest } = takeSelector(isNative || form === 'xlated' ? others : positionals, 'prog', io)
  const options = withWords(given, rest)
  checkForms(options, isNative)
  return withKernel(context => {
    using program = openOne(context, 'prog', selector)
    if (isNative) showNative(nativeFunctions(context, program.fd), options, io)
    else showTranslated(context, program.fd, options, io)
    return ExitCode.Ok
  })
}

/** What bpftool has behind the selector: `opcodes linum`, `file FILE`. @throws UsageError */
function withWords(options: DumpOptions, [word, ...rest]: readonly string[]): DumpOptions {
  if (word === undefined) return options
  if (word === 'opcodes' || word === 'linum' || word === 'visual') return withWords({ ...options, [word]: true }, rest)
  const [file, ...others] = rest
  if (word === 'file' && file !== undefined) return withWords({ ...options, file }, others)
  throw new UsageError(`${word}: not understood`, 'opcodes, linum, visual or file FILE may follow')
}

/** @throws UsageError */
function checkForms(options: DumpOptions, isNative: boolean): void {
  const asked = forms.filter(form => options[form])
  if (asked.length > 1) throw new UsageError(`${asked.map(form => `--${form}`).join(' and ')} exclude each other`)
  const wrong = [...asked.filter(form => !nativeForms.has(form)), ...(options.linum ? ['linum'] : [])]
  if (isNative && wrong.length > 0) throw new UsageError(`--${wrong[0]} is about BPF instructions, not native code`)
}

function showTranslated(context: KernelContext, fd: Fd, options: DumpOptions, io: Io): void {
  const loaded = readLoadedCode(context, fd)
  if (options.file !== undefined) writeOutput(options.file, loaded.code, io)
  else if (options['bpftool-json']) io.out(toJson(bpftoolDocument(context, fd, loaded, options)))
  else showListing(loadedListing(context, loaded), options, io)
}

function showListing(listing: Listing, options: DumpOptions, io: Io): void {
  if (options.json) io.out(toJson(listingDocument(listing, options)))
  else if (options.cfg || options.visual) io.out(dotOf(listing))
  else if (options.svg) io.out(svgOf(listing))
  else printListing(listing, options, io)
}

function bpftoolDocument(context: KernelContext, fd: Fd, loaded: LoadedCode, { opcodes, linum }: DumpOptions): unknown {
  const subprograms = (nativeFunctions(context, fd) ?? []).map(({ name }) => name)
  return bpftoolCode(loaded, { opcodes, linum, subprograms, symbols: calledSymbols(context, loaded.code) })
}

function showNative(functions: readonly NativeFunction[] | undefined, { json, file }: DumpOptions, io: Io): void {
  if (functions === undefined) throw withheld('native code')
  if (file !== undefined) writeOutput(file, Buffer.concat(functions.map(({ code }) => code)), io)
  else if (json) io.out(toJson(functions.map(({ name, address, code }) => ({ name, address: `0x${address.toString(16)}`, code }))))
  else for (const one of functions) printNative(one, io)
}
