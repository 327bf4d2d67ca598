import { type Btf, essentialName, resolve } from '@bpf/btf'
import { type BpfErrorOptions, nearNames } from '@bpf/bytes'
import { typeIncompatibility } from '../core'
import type { ExternSpec } from '../spec'
import type { KernelSymbols, Target } from '../target'
import { namesOfKind } from './btf-names'
import { PlanError } from './plan-error'

/** What a `__ksym` extern stands for in the target. */
export type KsymValue =
  | { readonly kind: 'address'; readonly address: bigint }
  /** A variable or function by its BTF id; `module` undefined = vmlinux. */
  | { readonly kind: 'btf'; readonly typeId: number; readonly module: string | undefined }
  /** Not there, or a function with another prototype: zero for weak ones, an error for others. */
  | { readonly kind: 'missing'; readonly reason: string; readonly hint: BpfErrorOptions['hint'] }

/** What externs of one plan are looked up in. */
export interface KsymSource {
  /** The object's. */
  readonly local: Btf | undefined
  readonly target: Target
  /** The target's, read when the first extern needs them. */
  readonly symbols: () => KernelSymbols
}

/** @throws PlanError, if the symbol is there but cannot be used. */
export function resolveKsym(extern: ExternSpec, source: KsymSource): KsymValue {
  const { local, target } = source
  if (extern.kind === 'undefined') throw ksymError(extern.name, extern.reason, extern.hint)
  if (extern.kind === 'ksymVariable' && !extern.typed) return resolveAddress(extern.name, source)
  if (local === undefined) throw ksymError(extern.name, 'its type is not known, for the object has no BTF')
  return extern.kind === 'kfunc' ? resolveFunction(extern, local, target) : resolveVariable(extern, local, target)
}

export function ksymError(name: string, reason: string, hint?: BpfErrorOptions['hint']): PlanError {
  return new PlanError('ERR_BPF_PLAN_KSYM', `extern "${name}": ${reason}`, { hint })
}

function resolveAddress(name: string, { target, symbols }: KsymSource): KsymValue {
  const address = symbols().address(name)
  if (typeof address === 'bigint') return { kind: 'address', address }
  if (address === 'ambiguous') throw ksymError(name, 'several symbols of the kernel have that name, at different addresses')
  if (address === undefined) return missing(`${target.description} has no such symbol`, () => nearSymbols(name, symbols()))
  const hint = 'needs CAP_SYSLOG, or kernel.kptr_restrict=0 and kernel.perf_event_paranoid ≤ 1'
  throw ksymError(name, 'the kernel hides the addresses of its symbols', hint)
}

function resolveVariable({ name, typeId }: ExternSpec, local: Btf, target: Target): KsymValue {
  const found = findInKernel(name, 'var', target)
  if (found === undefined) return missing(`${target.description} has no such variable in its BTF`, near(name, 'var', target))
  const difference = typeIncompatibility(local, referredType(local, typeId), found.btf, referredType(found.btf, found.typeId))
  if (difference !== undefined) throw ksymError(name, `the kernel's variable has another type: ${difference}`)
  return { kind: 'btf', typeId: found.typeId, module: found.module }
}

function resolveFunction({ name, typeId }: ExternSpec, local: Btf, target: Target): KsymValue {
  const found = findInKernel(essentialName(name), 'func', target)
  if (found === undefined) return missing(`${target.description} has no such kernel function`, near(name, 'func', target))
  const difference = typeIncompatibility(local, referredType(local, typeId), found.btf, referredType(found.btf, found.typeId))
  if (difference !== undefined) return missing(`the kernel's function has another prototype: ${difference}`)
  return { kind: 'btf', typeId: found.typeId, module: found.module }
}

function missing(reason: string, hint?: BpfErrorOptions['hint']): KsymValue {
  return { kind: 'missing', reason, hint }
}

/** Behind a VAR or FUNC, without modifiers. */
function referredType(btf: Btf, id: number): number {
  const type = btf.type(id)
  return resolve(btf, type.kind === 'var' || type.kind === 'func' ? type.type : id).id
}

interface KernelType {
  readonly btf: Btf
  readonly typeId: number
  readonly module: string | undefined
}

/** vmlinux first, then the modules in the target's order. */
export function findInKernel(name: string, kind: 'var' | 'func' | 'struct' | 'typedef', target: Target): KernelType | undefined {
  const vmlinux = target.vmlinuxBtf()
  if (vmlinux === undefined) return undefined
  const [typeId] = vmlinux.idsByName(name, kind)
  if (typeId !== undefined) return { btf: vmlinux, typeId, module: undefined }
  for (const module of target.moduleNames()) {
    const btf = target.moduleBtf(module)
    const own = btf?.idsByName(name, kind).find(id => id >= btf.startId)
    if (btf !== undefined && own !== undefined) return { btf, typeId: own, module }
  }
  return undefined
}

// Hints are looked for only when they are shown: a kernel has hundreds of thousands of names.

const elsewhere = 'if it is of a module, load that first; or declare it __weak to test for it at run time'

function nearSymbols(name: string, symbols: KernelSymbols): string {
  const [...names] = symbols.names()
  if (names.length === 0) return 'the symbols of that kernel are not known: it lists them in /proc/kallsyms with CONFIG_KALLSYMS_ALL=y'
  return didYouMean(nearNames(name, new Set(names)))
}

function near(name: string, kind: 'var' | 'func', target: Target): () => string {
  return () => {
    const vmlinux = target.vmlinuxBtf()
    if (vmlinux === undefined) return 'the kernel must be built with CONFIG_DEBUG_INFO_BTF'
    const modules = target.moduleNames().flatMap(module => target.moduleBtf(module) ?? [])
    return didYouMean(nearNames(essentialName(name), new Set([vmlinux, ...modules].flatMap(btf => [...namesOfKind(btf, kind)]))))
  }
}

function didYouMean(names: readonly string[]): string {
  return names.length === 0 ? elsewhere : `did you mean ${names.join(', ')}?`
}
