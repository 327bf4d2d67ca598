import type { Kernel, KernelSymbol } from '@bpf/kernel'
import { AttachError } from '../errors'
import type { LinkLabel } from '../link/link'
import { isCloneOf } from './clones'
import { hintFor } from './near-functions'
import { inModule, isCode, type KernelFunction } from './traceable'

export interface NameSelection {
  readonly name: string
  readonly module: string | undefined
  /** Static functions may share a name: whether to take `all` of them. Refused unless given. */
  readonly duplicates?: 'refuse' | 'all' | undefined
}

/** The function of a name, or what compilers made of it. @throws AttachError with near names */
export function findByName(kernel: Kernel, label: LinkLabel, { name, module, duplicates }: NameSelection): readonly KernelFunction[] {
  const kallsyms = kernel.kallsyms()
  // Without the list the kernel itself has to say whether there is such a function.
  if (kallsyms.empty) return [{ name, module, address: undefined }]
  const named = functionsOf(kallsyms.find(name), module)
  const found =
    named.length > 0
      ? named
      : functionsOf(
          kallsyms.matching(other => isCloneOf(other, name)),
          module,
        )
  const namesakes = found.filter(one => found.some(other => other !== one && other.name === one.name))
  if (namesakes.length > 0 && duplicates !== 'all') throw ambiguous(label, namesakes)
  if (found.length > 0) return found
  const where = module === undefined ? '' : ` in module ${module}`
  throw new AttachError({ ...label, problem: `there is no kernel function "${name}"${where}`, hint: hintFor(kernel, name, module) })
}

function functionsOf(symbols: Iterable<KernelSymbol>, module: string | undefined): readonly KernelFunction[] {
  const byAddress = new Map<bigint | string, KernelFunction>()
  for (const symbol of symbols) {
    // Hidden addresses are 0 and say nothing.
    const address = symbol.address === 0n ? undefined : symbol.address
    if (isCode(symbol)) byAddress.set(address ?? symbol.name, { name: symbol.name, module: symbol.module, address })
  }
  const all = [...byAddress.values()]
  return all
    .filter(one => inModule(one.module, module))
    .map(one => (all.some(other => other !== one && other.name === one.name) ? { ...one, shared: true } : one))
}

function ambiguous({ program, target }: LinkLabel, functions: readonly KernelFunction[]): AttachError {
  const name = functions[0]?.name
  const places = functions.filter(one => one.name === name)
  const where = places.map(({ address, module }) => `0x${(address ?? 0n).toString(16)}${module === undefined ? '' : ` in ${module}`}`)
  const problem = `there are ${places.length} functions named "${name}": ${where.join(', ')}`
  return new AttachError({ program, target, problem, hint: 'give an address or a module, or ask for all of them' })
}
