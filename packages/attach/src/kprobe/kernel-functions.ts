import { join } from 'node:path'
import { nearNames } from '@bpf/bytes'
import type { Kernel, KernelSymbol } from '@bpf/kernel'
import { AttachError } from '../errors'
import { type FunctionPattern, showPattern, splitPattern } from '../glob'
import type { LinkLabel } from '../link'

/** A function of the kernel or of a module. */
export interface KernelFunction {
  readonly name: string
  readonly module: string | undefined
  /** Undefined while the kernel hides addresses, or does not list its symbols. */
  readonly address: bigint | undefined
}

export interface FunctionSelection {
  /** A name or glob, perhaps as `module:name`; a regular expression; or several names and globs. */
  readonly symbol: FunctionPattern
  /** Only functions of this module. */
  readonly module?: string | undefined
  /** Static functions may share a name: whether to take `all` of them. Refused unless given. */
  readonly duplicates?: 'refuse' | 'all' | undefined
}

/**
 * The functions that are meant. Compilers may have split a function into clones (`name.isra.0`, `name.constprop.1`): these
 * stand for a name that is gone.
 *
 * @throws AttachError with near names
 */
export function findKernelFunctions(kernel: Kernel, label: LinkLabel, selection: FunctionSelection): readonly KernelFunction[] {
  const { symbol } = selection
  const patterns: readonly { readonly name: string | RegExp; readonly module?: string }[] =
    symbol instanceof RegExp ? [{ name: symbol }] : [symbol].flat().map(splitModule)
  const pieces = patterns.map(({ name, module = selection.module }) => ({ module, ...splitPattern(name) }))
  const named = pieces.flatMap(({ names, module }) => names.flatMap(name => findByName(kernel, label, { ...selection, name, module })))
  const globs = pieces.flatMap(({ matches, module }) => (matches === undefined ? [] : [{ matches, module }]))
  if (globs.length === 0) return distinct(named)
  const matching = traceableFunctions(kernel).filter(one => globs.some(glob => glob.matches(one.name) && inModule(one.module, glob.module)))
  if (matching.length === 0) throw refuse(label, `no kernel function that can be probed matches ${showPattern(symbol)}`, undefined)
  // Ftrace's address of a function may lie some bytes behind that of its name.
  const known = new Set(named.map(fullName))
  return [...distinct(named), ...matching.filter(one => !known.has(fullName(one)))]
}

function fullName({ name, module = 'vmlinux' }: KernelFunction): string {
  return `${module}:${name}`
}

function distinct(functions: readonly KernelFunction[]): readonly KernelFunction[] {
  return [...new Map(functions.map(one => [`${fullName(one)} ${one.address}`, one])).values()]
}

/** `nf_conntrack:nf_ct_delete`, `nf_conntrack:nf_ct_*`. */
function splitModule(name: string): { readonly name: string; readonly module?: string } {
  const separator = name.indexOf(':')
  return separator === -1 ? { name } : { name: name.slice(separator + 1), module: name.slice(0, separator) }
}

interface NameSelection extends FunctionSelection {
  readonly name: string
}

function findByName(kernel: Kernel, label: LinkLabel, { name, module, duplicates = 'refuse' }: NameSelection): readonly KernelFunction[] {
  const kallsyms = kernel.kallsyms()
  // Without the list the kernel itself has to say whether there is such a function.
  if (kallsyms.empty) return [{ name, module, address: undefined }]
  const named = functionsOf(kallsyms.find(name), module)
  if (named.length > 1 && duplicates === 'refuse') {
    const where = named.map(({ address, module: other }) => `0x${(address ?? 0n).toString(16)}${other === undefined ? '' : ` in ${other}`}`)
    throw refuse(
      label,
      `there are ${named.length} functions named "${name}": ${where.join(', ')}`,
      'give an address or a module, or ask for all of them',
    )
  }
  if (named.length > 0) return named
  const clones = functionsOf(clonesOf(kallsyms, name), module)
  if (clones.length > 0) return clones
  throw refuse(
    label,
    `there is no kernel function "${name}"${module === undefined ? '' : ` in module ${module}`}`,
    hintFor(kernel, name, module),
  )
}

function functionsOf(symbols: Iterable<KernelSymbol>, module: string | undefined): readonly KernelFunction[] {
  const byAddress = new Map<bigint | string, KernelFunction>()
  for (const { name, address, type, module: other } of symbols) {
    if (!/[tw]/i.test(type) || !inModule(other, module)) continue
    // Hidden addresses are 0 and say nothing.
    byAddress.set(address === 0n ? name : address, { name, module: other, address: address === 0n ? undefined : address })
  }
  return [...byAddress.values()]
}

function inModule(module: string | undefined, wanted: string | undefined): boolean {
  return wanted === undefined || module === wanted || (wanted === 'vmlinux' && module === undefined)
}

/** What compilers make of one function. Parts and cold halves are no entry points. */
const cloneSuffix = /^\.(?:isra|constprop|llvm)\.\d+(?:\.(?:isra|constprop|llvm)\.\d+)*$/

function* clonesOf(kallsyms: Iterable<KernelSymbol>, name: string): Generator<KernelSymbol> {
  for (const symbol of kallsyms) {
    if (symbol.name.startsWith(`${name}.`) && cloneSuffix.test(symbol.name.slice(name.length))) yield symbol
  }
}

/** The functions that ftrace, and so kprobes, can be put on; all of the kernel's where it does not say. */
function traceableFunctions(kernel: Kernel): readonly KernelFunction[] {
  const tracefs = kernel.tracefs() ?? '/sys/kernel/tracing'
  const withAddresses = kernel.files.text(join(tracefs, 'available_filter_functions_addrs'))
  if (withAddresses !== undefined) return parseFilterFunctions(withAddresses)
  const names = kernel.files.text(join(tracefs, 'available_filter_functions'))
  const kallsyms = [...kernel.kallsyms()]
  const all = functionsOf(kallsyms, undefined).filter(({ name }) => !/^__(?:pfx|cfi)_|\.cold(?:\.\d+)?$/.test(name))
  if (names === undefined) return all
  const traceable = new Set(parseFilterFunctions(names).map(({ name, module }) => `${module}:${name}`))
  return all.filter(({ name, module }) => traceable.has(`${module}:${name}`))
}

/** Lines of `available_filter_functions` and `…_addrs`: an address in the latter, a name, a module in brackets. */
function parseFilterFunctions(text: string): readonly KernelFunction[] {
  const functions: KernelFunction[] = []
  for (const [, address, name = '', module] of text.matchAll(/^(?:([0-9a-f]{8,16}) )?(\S+)(?: \[(\S+)\])?$/gm)) {
    // Functions of code that was freed after boot.
    if (name.startsWith('__ftrace_invalid_address')) continue
    functions.push({ name, module, address: address === undefined ? undefined : BigInt(`0x${address}`) })
  }
  return functions
}

function hintFor(kernel: Kernel, name: string, module: string | undefined): string | undefined {
  if (module !== undefined && module !== 'vmlinux' && !(kernel.files.text('/proc/modules') ?? '').includes(`${module} `)) {
    return `module ${module} is not loaded`
  }
  const names = new Set<string>()
  for (const symbol of kernel.kallsyms()) if (/[tw]/i.test(symbol.type)) names.add(symbol.name)
  const wrapped = ['__x64_sys_', '__arm64_sys_', '__se_sys_', 'do_'].map(prefix => `${prefix}${name.replace(/^(?:sys|SyS)_/, '')}`)
  const near = [...wrapped.filter(candidate => names.has(candidate)), ...nearNames(name, names)].slice(0, 3)
  return near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'it may be inlined, or in a module that is not loaded'
}

function refuse({ program, target }: LinkLabel, problem: string, hint: string | undefined): AttachError {
  return new AttachError({ program, target, problem, hint })
}
