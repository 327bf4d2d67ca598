import type { Btf } from '@bpf/btf'
import { type BpfErrorOptions, nearNames } from '@bpf/bytes'
import { AttachType } from '../constants/attach-type'
import type { Target } from '../target'
import { namesOfKind } from './btf-names'
import { PlanError } from './plan-error'

/** What a program attaches to, in the kernel's BTF. */
export interface AttachPoint {
  readonly typeId: number
  /** Undefined = vmlinux. */
  readonly module: string | undefined
}

/** How the hook of an attach type is named in BTF: LSM hook `X` is the function `bpf_lsm_X`. All others are plain functions. */
interface HookNaming {
  readonly prefix: string
  readonly kind: 'func' | 'typedef'
}

const plainFunction: HookNaming = { prefix: '', kind: 'func' }
const namings: Readonly<Record<number, HookNaming>> = {
  [AttachType.TraceRawTp]: { prefix: 'btf_trace_', kind: 'typedef' },
  [AttachType.LsmMac]: { prefix: 'bpf_lsm_', kind: 'func' },
  [AttachType.LsmCgroup]: { prefix: 'bpf_lsm_', kind: 'func' },
  [AttachType.TraceIter]: { prefix: 'bpf_iter_', kind: 'func' },
}

/** Splits `module:function`; `vmlinux:function` names the kernel proper. */
export function splitModule(attachTarget: string): { readonly module: string | undefined; readonly name: string } {
  const colon = attachTarget.indexOf(':')
  if (colon === -1) return { module: undefined, name: attachTarget }
  return { module: attachTarget.slice(0, colon), name: attachTarget.slice(colon + 1) }
}

/**
 * Finds what `[module:]name` is in vmlinux or in a module. Without a module, vmlinux comes first and then all modules.
 *
 * @throws PlanError that says which names come near.
 */
export function findAttachPoint(attachTarget: string, attachType: number, target: Target): AttachPoint {
  const naming = namings[attachType] ?? plainFunction
  const { module, name } = splitModule(attachTarget)
  const vmlinux = target.vmlinuxBtf()
  if (vmlinux === undefined) {
    throw fail(
      attachTarget,
      `${target.description} has no BTF`,
      'the kernel must be built with CONFIG_DEBUG_INFO_BTF; kprobes work without',
    )
  }
  if (module === undefined || module === 'vmlinux') {
    const typeId = ownType(vmlinux, naming, name)
    if (typeId !== undefined) return { typeId, module: undefined }
  }
  const modules = module === undefined ? target.moduleNames() : module === 'vmlinux' ? [] : [module]
  for (const candidate of modules) {
    const btf = target.moduleBtf(candidate)
    const typeId = btf && ownType(btf, naming, name)
    if (typeId !== undefined) return { typeId, module: candidate }
  }
  throw notFound(attachTarget, module, name, naming, vmlinux, target)
}

function ownType(btf: Btf, { prefix, kind }: HookNaming, name: string): number | undefined {
  return btf.idsByName(prefix + name, kind).find(id => id >= btf.startId)
}

function notFound(full: string, module: string | undefined, name: string, naming: HookNaming, vmlinux: Btf, target: Target): PlanError {
  if (module !== undefined && module !== 'vmlinux' && target.moduleBtf(module) === undefined) {
    return fail(full, `there is no BTF of a module "${module}"`, 'is the module loaded?')
  }
  const what = naming === plainFunction ? 'function' : `hook (${naming.prefix}${name})`
  return fail(full, `${target.description} has no such ${what} in its BTF`, () => nearHint(name, naming, vmlinux, target))
}

/** Looked for only when it is shown: a kernel has tens of thousands of names. */
function nearHint(name: string, naming: HookNaming, vmlinux: Btf, target: Target): string {
  const hints: string[] = []
  const near = nearNames(name, knownHooks(vmlinux, naming))
  if (near.length > 0) hints.push(`did you mean ${near.join(', ')}?`)
  if (naming === plainFunction && typeof target.kallsyms().address(name) === 'bigint') {
    hints.push('the kernel has that symbol, but no BTF for it: a kprobe can attach to it')
  }
  return hints.join(' ') || 'it may be inlined, static, or of another kernel version'
}

function* knownHooks(vmlinux: Btf, { prefix, kind }: HookNaming): Generator<string> {
  for (const name of namesOfKind(vmlinux, kind)) if (name.startsWith(prefix)) yield name.slice(prefix.length)
}

function fail(attachTarget: string, cause: string, hint: BpfErrorOptions['hint']): PlanError {
  return new PlanError('ERR_BPF_PLAN_ATTACH_TARGET', `attach target "${attachTarget}": ${cause}`, { hint })
}
