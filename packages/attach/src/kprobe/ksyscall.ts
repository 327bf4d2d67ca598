import { nearNames } from '@bpf/bytes'
import type { Kernel } from '@bpf/kernel'
import type { ArchName } from '@bpf/sys'
import type { AttachContext } from '../context'
import { AttachError } from '../errors'
import type { AttachableProgram, Link, LinkInterface } from '../link/link'
import { attachKprobe } from './kprobe'

export interface KsyscallTarget {
  /** `openat`. */
  readonly syscall: string
  readonly returns?: boolean
  readonly cookie?: bigint
  readonly interfaces?: readonly LinkInterface[]
}

/** Names of the function behind a system call, newest kernels first: wrappers that take registers came with 4.17. */
const prefixes: Readonly<Record<ArchName, readonly string[]>> = {
  x64: ['__x64_sys_', '__se_sys_', 'sys_', 'SyS_'],
  arm64: ['__arm64_sys_', '__se_sys_', 'sys_', 'SyS_'],
}

/** Attaches to the kernel's side of a system call, whatever its function is named on this kernel. @throws AttachError */
export function attachKsyscall(context: AttachContext, program: AttachableProgram, target: KsyscallTarget): Link {
  const { syscall, ...options } = target
  const symbol = syscallFunction(context, syscall)
  if (symbol !== undefined) return attachKprobe(context, program, { ...options, symbol })
  throw new AttachError({
    program: program.name,
    target: `system call ${syscall}`,
    problem: 'this kernel has no such system call',
    hint: nearSyscalls(context.kernel, context.sys.native.arch.name, syscall),
  })
}

/** Undefined when there is none; the newest name where the kernel does not list its symbols. */
export function syscallFunction({ kernel, sys }: AttachContext, syscall: string): string | undefined {
  const kallsyms = kernel.kallsyms()
  const candidates = prefixes[sys.native.arch.name].map(prefix => `${prefix}${syscall}`)
  return kallsyms.empty ? candidates[0] : candidates.find(name => kallsyms.has(name))
}

function nearSyscalls(kernel: Kernel, arch: ArchName, syscall: string): string | undefined {
  const [prefix = ''] = prefixes[arch]
  const names: string[] = []
  for (const { name } of kernel.kallsyms()) if (name.startsWith(prefix)) names.push(name.slice(prefix.length))
  const near = nearNames(syscall, names)
  return near.length === 0 ? undefined : `did you mean ${near.join(' or ')}?`
}
