import type { Target, TargetFeature } from './target'

/** What shows that a kernel has a feature. */
interface Evidence {
  /** The kernel it came with; 4.15 is [4, 15]. */
  readonly since: readonly [major: number, minor: number]
  /** An enumerator that came with it, and its enum: in the kernel's BTF, which also shows what a vendor has added. */
  readonly enumerator?: readonly [enumName: string, name: string]
}

const evidence: Readonly<Record<Exclude<TargetFeature, 'syscallWrapper'>, Evidence>> = {
  programName: { since: [4, 15] },
  globalData: { since: [5, 2] },
  btf: { since: [4, 18] },
  btfFunc: { since: [5, 0] },
  btfGlobalFunc: { since: [5, 6] },
  btfDatasec: { since: [5, 2] },
  btfFloat: { since: [5, 13] },
  btfDeclTag: { since: [5, 16] },
  btfTypeTag: { since: [5, 17] },
  btfEnum64: { since: [6, 0] },
  btfQuestionMarkDatasec: { since: [6, 9] },
  btfLayout: { since: [7, 1] },
  arrayMmap: { since: [5, 5] },
  expectedAttachType: { since: [4, 17] },
  probeReadKernel: { since: [5, 5], enumerator: ['bpf_func_id', 'BPF_FUNC_probe_read_kernel'] },
  bpfCookie: { since: [5, 15], enumerator: ['bpf_func_id', 'BPF_FUNC_get_attach_cookie'] },
  kprobeMulti: { since: [5, 18], enumerator: ['bpf_attach_type', 'BPF_TRACE_KPROBE_MULTI'] },
  uprobeMulti: { since: [6, 6], enumerator: ['bpf_attach_type', 'BPF_TRACE_UPROBE_MULTI'] },
  argCtxTag: { since: [6, 8] },
  largeMapValueOffset: { since: [7, 0] },
}

/** What a kernel that cannot be asked probably has: by its BTF where that shows it, else by its version. */
export function guessFeature(feature: TargetFeature, target: Target): boolean | undefined {
  if (feature === 'syscallWrapper') return hasSyscallWrapper(target)
  const { since, enumerator } = evidence[feature]
  const shown = enumerator && hasEnumerator(target, ...enumerator)
  return shown ?? target.kernelVersion >= since[0] * 0x10000 + since[1] * 0x100
}

/** Undefined when the BTF does not have the enum at all. */
function hasEnumerator(target: Target, enumName: string, name: string): boolean | undefined {
  const btf = target.vmlinuxBtf()
  const [id] = btf?.idsByName(enumName, 'enum', 'enum64') ?? []
  const type = id === undefined ? undefined : btf?.type(id)
  if (type?.kind !== 'enum' && type?.kind !== 'enum64') return undefined
  return type.values.some(value => value.name === name)
}

const architectures = ['x64', 'arm64', 's390x', 'riscv', 'loongarch64'] as const

/** System calls are entered through `__ARCH_sys_X` functions, which take registers instead of arguments. */
function hasSyscallWrapper(target: Target): boolean | undefined {
  const exists = (name: string) =>
    (target.vmlinuxBtf()?.idsByName(name, 'func').length ?? 0) > 0 || target.kallsyms().address(name) !== undefined
  if (architectures.some(architecture => exists(`__${architecture}_sys_bpf`))) return true
  return exists('__se_sys_bpf') || exists('sys_bpf') ? false : undefined
}
