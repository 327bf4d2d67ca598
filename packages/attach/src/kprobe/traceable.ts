import { join } from 'node:path'
import { groupBy } from '@bpf/bytes'
import type { Kallsyms, Kernel, KernelSymbol } from '@bpf/kernel'

/** A function of the kernel or of a module. */
export interface KernelFunction {
  readonly name: string
  readonly module: string | undefined
  /** Undefined while the kernel hides addresses, or does not list its symbols. */
  readonly address: bigint | undefined
  /** Other functions bear that name as well: only the address tells which is meant. */
  readonly shared?: boolean
}

/** A glob or regular expression. */
export interface FunctionGlob {
  readonly matches: (name: string) => boolean
  readonly module: string | undefined
}

/**
 * The functions that ftrace, and so kprobes, can be put on and that have a matching name: each once, however many of its names match.
 * Of several names ftrace lists one, kallsyms all: `__do_sys_getppid` is `__x64_sys_getppid`, too.
 */
export function traceableFunctions(kernel: Kernel, globs: readonly FunctionGlob[]): readonly KernelFunction[] {
  const listed = functionList(kernel)
  const kallsyms = kernel.kallsyms()
  if (!kallsyms.empty && !kallsyms.restricted) return byAddress(kallsyms, globs, listed)
  const matches = (name: string) => globs.some(glob => glob.matches(name))
  const all =
    listed === undefined
      ? [...kallsyms.matching(matches)].filter(symbol => isCode(symbol) && mayBeEntry(symbol)).map(withoutAddress)
      : parseFilterFunctions(listed, matches)
  return all.filter(one => isMeant(one, globs))
}

export function isCode({ type }: KernelSymbol): boolean {
  return /[tw]/i.test(type)
}

export function inModule(module: string | undefined, wanted: string | undefined): boolean {
  return wanted === undefined || module === wanted || (wanted === 'vmlinux' && module === undefined)
}

/** The kernel's names for what is meant, as far as one of the names at the same address is listed. */
function byAddress(kallsyms: Kallsyms, globs: readonly FunctionGlob[], listed: string | undefined): KernelFunction[] {
  const bearers = [...kallsyms.matching(name => globs.some(glob => glob.matches(name)))].filter(isCode)
  const meant = groupBy(
    bearers.filter(one => isMeant(one, globs)),
    ({ address }) => address,
  )
  const names = groupBy([...kallsyms.at(new Set(meant.keys()))].filter(isCode), ({ address }) => address)
  const ofName = groupBy(bearers, ({ name }) => name)
  const isTraceable = listed === undefined ? mayBeEntry : listedIn(listed, [...names.values()].flat())
  return [...meant].flatMap(([address, symbols]) => {
    const entry = names.get(address)?.find(isTraceable)
    const symbol = symbols.find(({ name }) => name === entry?.name) ?? symbols[0]
    if (entry === undefined || symbol === undefined) return []
    const { name, module } = symbol
    const shared = ofName.get(name)?.some(other => other.address !== address) ?? false
    return [{ name, module, address, ...(shared && { shared }) }]
  })
}

function isMeant(
  { name, module }: { readonly name: string; readonly module: string | undefined },
  globs: readonly FunctionGlob[],
): boolean {
  return globs.some(glob => glob.matches(name) && inModule(module, glob.module))
}

/** How far behind the beginning of a function its call for ftrace may be: landing pads for indirect jumps come first. */
const reach = 16n

/** Whether ftrace lists a symbol. Of several functions with one name it may list some: the place of the call tells which. */
function listedIn(list: string, symbols: readonly KernelSymbol[]): (symbol: KernelSymbol) => boolean {
  const asked = new Set(symbols.map(({ name }) => name))
  const ofName = groupBy(
    parseFilterFunctions(list, name => asked.has(name)),
    ({ name }) => name,
  )
  return ({ name, module, address }) =>
    ofName
      .get(name)
      ?.some(one => one.module === module && (one.address === undefined || (one.address >= address && one.address < address + reach))) ??
    false
}

/** Where ftrace does not say: padding in front of functions, and halves of them that are seldom run, are no entries. */
function mayBeEntry({ name }: KernelSymbol): boolean {
  return !/^__(?:pfx|cfi)_|\.cold(?:\.\d+)?$/.test(name)
}

function withoutAddress({ name, module }: KernelSymbol): KernelFunction {
  return { name, module, address: undefined }
}

/** What ftrace lists, with the place of its call from 6.5 on; undefined where there is no list. */
function functionList(kernel: Kernel): string | undefined {
  const tracefs = kernel.tracefs() ?? '/sys/kernel/tracing'
  const read = (file: string) => kernel.files.text(join(tracefs, file))
  return read('available_filter_functions_addrs') ?? read('available_filter_functions')
}

/** Those of the lines whose name is wanted, of tens of thousands: an address in some kernels, a name, a module in brackets. */
function parseFilterFunctions(list: string, wanted: (name: string) => boolean): readonly KernelFunction[] {
  const functions: KernelFunction[] = []
  for (const [, address, name = '', module] of list.matchAll(/^(?:([0-9a-f]{8,16}) )?(\S+)(?: \[(\S+)\])?$/gm)) {
    // Functions of code that was freed after boot.
    if (name.startsWith('__ftrace_invalid_address') || !wanted(name)) continue
    functions.push({ name, module, address: address === undefined ? undefined : BigInt(`0x${address}`) })
  }
  return functions
}
