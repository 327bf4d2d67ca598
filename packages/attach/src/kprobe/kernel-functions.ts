import type { Kernel } from '@bpf/kernel'
import { AttachError } from '../errors'
import { type FunctionPattern, showPattern, splitPattern } from '../glob'
import type { LinkLabel } from '../link/link'
import { findByName, type NameSelection } from './by-name'
import { type KernelFunction, traceableFunctions } from './traceable'

export interface FunctionSelection {
  /** A name or glob, perhaps as `module:name`; a regular expression; or several names and globs. */
  readonly symbol: FunctionPattern
  /** Only functions of this module. */
  readonly module?: string | undefined
  readonly duplicates?: NameSelection['duplicates']
}

/**
 * The functions that are meant, each once. Compilers may have split a function into clones (`name.isra.0`, `name.constprop.1`):
 * these stand for a name that is gone.
 *
 * @throws AttachError with near names
 */
export function findKernelFunctions(kernel: Kernel, label: LinkLabel, selection: FunctionSelection): readonly KernelFunction[] {
  const { symbol, duplicates } = selection
  const patterns: readonly { readonly name: string | RegExp; readonly module?: string }[] =
    symbol instanceof RegExp ? [{ name: symbol }] : [symbol].flat().map(splitModule)
  const pieces = patterns.map(({ name, module = selection.module }) => ({ module, ...splitPattern(name) }))
  const named = pieces.flatMap(({ names, module }) => names.flatMap(name => findByName(kernel, label, { name, module, duplicates })))
  const globs = pieces.flatMap(({ matches, module }) => (matches === undefined ? [] : [{ matches, module }]))
  if (globs.length === 0) return distinct(named)
  const matching = traceableFunctions(kernel, globs)
  if (matching.length === 0) {
    throw new AttachError({ ...label, problem: `no kernel function that can be probed matches ${showPattern(symbol)}` })
  }
  return distinct([...named, ...matching])
}

/** The first of those that are one function: those at one address, or of one name where that is not known of both. */
function distinct(functions: readonly KernelFunction[]): readonly KernelFunction[] {
  const found = new Map<bigint | string, KernelFunction>()
  const unplaced = new Set<string>()
  for (const one of functions) {
    const name = `${one.module ?? 'vmlinux'}:${one.name}`
    if (unplaced.has(name) || found.has(one.address ?? name)) continue
    if (one.address === undefined) unplaced.add(name)
    found.set(one.address ?? name, one)
  }
  return [...found.values()]
}

/** `nf_conntrack:nf_ct_delete`, `nf_conntrack:nf_ct_*`. */
function splitModule(name: string): { readonly name: string; readonly module?: string } {
  const separator = name.indexOf(':')
  return separator === -1 ? { name } : { name: name.slice(separator + 1), module: name.slice(0, separator) }
}
