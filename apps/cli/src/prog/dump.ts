import { BpfError } from '@bpf/bytes'
import { type Fd, getProgInfo, littleEndian } from '@bpf/sys'
import { ExitCode, type Io, type OptionValues, toJson, UsageError } from '@bpf/terminal'
import { type KernelContext, withKernel } from '../context'
import { dotOf, svgOf } from '../disasm/graph'
import { listingDocument, printListing } from '../disasm/print'
import { noMore, openOne, takeSelector } from '../selector'
import { loadedListing } from './loaded-listing'
import { type NativeFunction, nativeFunctions } from './native-functions'
import { printNative } from './print-native'

type DumpOptions = OptionValues<{
  opcodes: { type: 'boolean'; description: string }
  cfg: { type: 'boolean'; description: string }
  svg: { type: 'boolean'; description: string }
  json: { type: 'boolean'; description: string }
}>

interface Invocation {
  readonly positionals: readonly string[]
  readonly options: DumpOptions
  readonly io: Io
}

/** `bpf prog dump [xlated|jited] SELECTOR`: bpftool's order of words. */
export function runProgDump({ positionals, options, io }: Invocation): Promise<number> {
  const [form, ...others] = positionals
  const isNative = form === 'jited'
  const { selector, rest } = takeSelector(isNative || form === 'xlated' ? others : positionals, 'prog', io)
  noMore(rest)
  if (isNative && (options.cfg || options.svg)) throw new UsageError('--cfg and --svg draw BPF instructions, not native code')
  return withKernel(context => {
    using program = openOne(context, 'prog', selector)
    if (isNative) showNative(nativeFunctions(context, program.fd), options, io)
    else printTranslated(context, program.fd, options, io)
    return ExitCode.Ok
  })
}

function printTranslated(context: KernelContext, fd: Fd, options: DumpOptions, io: Io): void {
  const info = getProgInfo(context.sys, fd, { xlated: true, sourceInfo: true })
  if (info.xlated === undefined) throw withheld('the instructions')
  const listing = loadedListing(context, { ...info, xlated: info.xlated }, littleEndian)
  if (options.json) io.out(toJson(listingDocument(listing)))
  else if (options.cfg) io.out(dotOf(listing))
  else if (options.svg) io.out(svgOf(listing))
  else printListing(listing, options, io)
}

function showNative(functions: readonly NativeFunction[] | undefined, { json }: DumpOptions, io: Io): void {
  if (functions === undefined) throw withheld('native code')
  if (json) io.out(toJson(functions.map(({ name, address, code }) => ({ name, address: `0x${address.toString(16)}`, code }))))
  else for (const one of functions) printNative(one, io)
}

function withheld(what: string): BpfError {
  return new BpfError('ERR_BPF_PERMISSION', `the kernel does not show ${what} to this user`, {
    hint: 'it takes CAP_SYS_ADMIN or CAP_PERFMON, and for native code that net.core.bpf_jit_enable is on',
  })
}
